import fc from 'fast-check'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { brokerMetrics } from '#broker/metrics/broker-metrics.ts'
import { type AppendListener, createJournalWriter } from '#broker/publish/journal-writer.ts'
import type { JournalRecord } from '#journal/journal.ts'
import { ConfigError, JournalFullError } from '#telemetry/errors.ts'
import { until } from '../journal/journal-parts.ts'

const never = new ConfigError('this one is too large')
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

/** A journal that stores what it is given in the order of the calls, refuses whole calls for one record, and is full for the first few. */
function orderedJournal(fullFor: number) {
  let calls = 0
  let last: Promise<unknown> = Promise.resolve()
  const stored: string[] = []
  return {
    stored,
    async append(records: readonly JournalRecord[]) {
      if (records.some(({ topic }) => topic === 'bad')) throw never
      if (calls++ < fullFor) throw new JournalFullError('full')
      stored.push(...records.map(({ payload }) => Buffer.from(payload).toString()))
      last = last.then(nextTurn)
      await last
    },
  }
}

/** A connection: what is reported to it, in order. */
class Connection implements AppendListener {
  readonly acknowledged: number[] = []
  readonly errors: unknown[] = []
  #appended: number[] = []
  appended(_record: JournalRecord, tag: number): void {
    this.#appended.push(tag)
  }
  groupAppended(): void {
    this.acknowledged.push(...this.#appended)
    this.#appended = []
  }
  failed(error: unknown): void {
    this.errors.push(error)
  }
}

interface Sent {
  from: number
  isBad: boolean
  tag: number
}

/** Appends all of them, turn by turn, and waits until each result has been reported. */
async function appendAll(turns: readonly (readonly Sent[])[], fullFor: number) {
  const connections = [0, 1, 2, 3].map(() => new Connection())
  const journal = orderedJournal(fullFor)
  const refused: string[] = []
  const writer = createJournalWriter(journal, brokerMetrics(new Registry()), new AbortController().signal, {
    withheld() {},
    refused: ({ payload }) => refused.push(Buffer.from(payload).toString()),
  })
  for (const turn of turns) {
    for (const { from, isBad, tag } of turn) {
      const record = { topic: isBad ? 'bad' : 'good', payload: Buffer.from(String(tag)), arrivedAt: 0 }
      const connection = connections[from]
      if (connection) writer.append(record, connection, tag)
    }
    await nextTurn()
  }
  const count = turns.flat().length
  await until('every result to be reported', () => {
    const reported = connections.reduce((sum, { acknowledged, errors }) => sum + acknowledged.length + errors.length, 0)
    return reported === count
  })
  return { connections, journal, refused }
}

describe('the journal writer', () => {
  const anyTurns = fc
    .array(fc.array(fc.record({ from: fc.nat({ max: 3 }), isBad: fc.boolean() }), { maxLength: 8 }), { maxLength: 6 })
    .map((turns) => {
      let tag = 0
      return turns.map((turn) => turn.map((each) => ({ ...each, tag: ++tag })))
    })

  it('stores and acknowledges in order all but what the journal will never accept, of which only its connection is informed', async () => {
    await fc.assert(
      fc.asyncProperty(anyTurns, async (turns) => {
        const { connections, journal, refused } = await appendAll(turns, 0)
        const all = turns.flat()
        const tags = (isBad: boolean) => all.filter((each) => each.isBad === isBad).map(({ tag }) => String(tag))
        expect(journal.stored).toEqual(tags(false))
        expect(refused).toEqual(tags(true))
        for (const [from, { acknowledged, errors }] of connections.entries()) {
          const own = all.filter((each) => each.from === from)
          expect(acknowledged).toEqual(own.filter(({ isBad }) => !isBad).map(({ tag }) => tag))
          expect(errors).toEqual(own.filter(({ isBad }) => isBad).map(() => never))
        }
      }),
      { numRuns: 100 },
    )
  })

  it('stores each of the others once, also when the journal is full at first', async () => {
    await fc.assert(
      fc.asyncProperty(anyTurns, fc.integer({ min: 1, max: 4 }), async (turns, fullFor) => {
        const { journal } = await appendAll(turns, fullFor)
        const good = turns.flat().filter(({ isBad }) => !isBad)
        expect(new Set(journal.stored)).toEqual(new Set(good.map(({ tag }) => String(tag))))
        expect(journal.stored).toHaveLength(good.length)
      }),
      { numRuns: 15 },
    )
  })
})
