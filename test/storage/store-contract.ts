import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TelemetryStore } from '#storage/store.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import type { Reading } from '#telemetry/reading.ts'
import { alertsContract } from './store-contract-alerts.ts'
import { calendarContract } from './store-contract-calendar.ts'
import { correctedContract } from './store-contract-corrected.ts'
import { documentsContract } from './store-contract-documents.ts'
import { eventsContract } from './store-contract-events.ts'
import { faultsContract } from './store-contract-faults.ts'
import { historyContract } from './store-contract-history.ts'
import { historyQuestionsContract } from './store-contract-history-questions.ts'
import { lampOrdersContract } from './store-contract-lamp-orders.ts'
import { unitedContract } from './store-contract-merged.ts'
import { newestContract } from './store-contract-newest.ts'
import { periodsContract } from './store-contract-periods.ts'
import { placementsContract } from './store-contract-placements.ts'
import { presenceContract } from './store-contract-presence.ts'
import { questionsContract } from './store-contract-questions.ts'
import { readingsContract } from './store-contract-readings.ts'
import { rollUpRetentionContract } from './store-contract-roll-up-retention.ts'
import { rollUpsContract } from './store-contract-roll-ups.ts'
import { statesContract } from './store-contract-states.ts'
import { air, alert, counter, day, everything, lamp, minute, pm25Of, start } from './store-samples.ts'

/** A store of its own for one test. */
export interface StoreUnderTest {
  store: TelemetryStore
  /** closes the store and opens it again on the same data; close() closes the new one too */
  reopen(): Promise<TelemetryStore>
  close(): Promise<void>
}

/** What every {@link TelemetryStore} promises. `open` gives a store without readings each time. */
export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the ${name} store`, () => {
    let test: StoreUnderTest
    let store: TelemetryStore
    beforeEach(async () => {
      test = await open()
      store = test.store
    })
    afterEach(async () => {
      await test.close()
    })

    describe('readings', () => {
      it('are none in a new store', async () => {
        expect(await store.count()).toBe(0)
        expect(await store.latest()).toEqual([])
        expect(await store.history(pm25Of('aq-1'))).toEqual([])
        expect(await store.buckets({ ...pm25Of('aq-1'), window: minute, fn: 'mean' })).toEqual([])
      })

      it('written twice are stored once, within a batch and across batches', async () => {
        const [one, two] = [air('aq-1', start, 10), air('aq-1', start + 1, 11)]
        await store.write([one, two, one])
        await store.write([two, one])
        expect(await store.count()).toBe(2)
        expect(await store.history(pm25Of('aq-1'))).toEqual([
          { ts: start, value: 10 },
          { ts: start + 1, value: 11 },
        ])
      })

      it('are stored once whatever their batches and order, over reopenings too, and each late one corrects the aggregates', async () => {
        let run = 0
        const some = fc.uniqueArray(fc.tuple(fc.nat({ max: 2 }), fc.nat({ max: 5 * minute })), {
          ...{ minLength: 1, maxLength: 40, selector: String },
        })
        const batches = fc.array(fc.array(fc.nat(), { maxLength: 60 }), { minLength: 1, maxLength: 4 })
        await fc.assert(
          fc.asyncProperty(some, batches, fc.boolean(), async (identities, picks, reopened) => {
            run += 1
            const before = await store.count()
            const readings = identities.map(([sensor, offset]) =>
              air(`aq-${run}-${sensor}`, start + offset, offset % 97),
            )
            const written = new Map<string, Reading>()
            // whatever was picked, often twice, at last everything
            for (const pick of [...picks, readings.keys()]) {
              const batch = [...pick].flatMap((index) => readings[index % readings.length] ?? [])
              await store.write(batch)
              for (const reading of batch) written.set(`${reading.sensor} ${reading.ts}`, reading)
              if (reopened) store = await test.reopen()
              expect(await store.count()).toBe(before + written.size)
              const sensor = `aq-${run}-0`
              const times = [...written.values()]
                .filter((reading) => reading.sensor === sensor)
                .map(({ ts }) => ts - start)
              const sum = times.reduce((total, offset) => total + (offset % 97), 0)
              const [mean] = await store.buckets({ ...pm25Of(sensor), window: day, fn: 'mean' })
              if (times.length === 0) expect(mean).toBeUndefined()
              else expect(mean?.value).toBeCloseTo(sum / times.length, 9)
              const found = await store.history(pm25Of(sensor))
              expect(found.map(({ ts }) => ts - start)).toEqual(times.toSorted((a, b) => a - b))
            }
          }),
          { numRuns: 12 },
        )
      })

      it('of two sensors at one time are two', async () => {
        await store.write([air('aq-1', start, 10), air('aq-2', start, 20)])
        expect(await store.count()).toBe(2)
        expect(await store.history(pm25Of('aq-2'))).toEqual([{ ts: start, value: 20 }])
      })

      it('that come late land in their place and change the aggregate', async () => {
        await store.write([air('aq-1', start, 10), air('aq-1', start + 2 * minute, 30)])
        const mean = { ...pm25Of('aq-1'), window: day, fn: 'mean' } as const
        expect(await store.buckets(mean)).toEqual([{ ts: start, value: 20 }])
        await store.write([air('aq-1', start + minute, 50)])
        expect(await store.buckets(mean)).toEqual([{ ts: start, value: 30 }])
        expect((await store.history(pm25Of('aq-1'))).map(({ value }) => value)).toEqual([10, 50, 30])
      })

      it('are counted per kind and in all', async () => {
        await store.write([air('aq-1', start, 1), air('aq-1', start + 1, 2), lamp('lamp-1', start, 'on')])
        await store.write([counter('tr-1', start, 5), counter('tr-1', start + 1, 5), counter('tr-2', start, 5)])
        const counts = [store.count('air-quality'), store.count('lighting'), store.count('traffic'), store.count()]
        expect(await Promise.all(counts)).toEqual([2, 1, 3, 6])
      })

      it('of the air are counted whichever of its values they hold', async () => {
        const base = { district: 'tay-ninh', kind: 'air-quality' } as const
        await store.write([
          { ...base, sensor: 'aq-1', ts: start, values: { pm25: 1 } },
          { ...base, sensor: 'aq-1', ts: start + 1, seq: 3, values: { temperature: 30 } },
          { ...base, sensor: 'aq-1', ts: start + 2, values: { noiseLAeq: 55.5, batteryLevel: 0 } },
        ])
        expect(await store.count('air-quality')).toBe(3)
      })

      it('come in batches of 20,000', async () => {
        const batch = Array.from({ length: 20_000 }, (_, i) => counter(`tr-${i % 500}`, start + Math.floor(i / 500), i))
        await store.write(batch)
        expect(await store.count('traffic')).toBe(20_000)
        const points = await store.history({ kind: 'traffic', sensor: 'tr-123', value: 'intensity', ...everything })
        expect(points).toEqual(Array.from({ length: 40 }, (_, i) => ({ ts: start + i, value: 123 + i * 500 })))
      })

      it('may be none at all', async () => {
        await store.write([])
        expect(await store.count()).toBe(0)
      })

      it('survive a reopening', async () => {
        const reading = { ...air('aq-1', start, 0.1 + 0.2), seq: Number.MAX_SAFE_INTEGER }
        await store.write([reading, lamp('lamp-1', start, 'low')])
        await store.appendEvents([alert('a-1', start)])
        store = await test.reopen()
        expect(await store.latest()).toEqual(expect.arrayContaining([reading, lamp('lamp-1', start, 'low')]))
        expect(await store.count()).toBe(2)
        expect(await store.readEvents({ stream: 'alert', limit: 10 })).toEqual([alert('a-1', start)])
      })
    })

    newestContract(
      () => store,
      async () => {
        store = await test.reopen()
      },
    )
    historyContract(() => store)
    calendarContract(() => store)
    readingsContract(() => store)
    unitedContract(
      () => store,
      async () => {
        store = await test.reopen()
        return store
      },
    )
    statesContract(
      () => store,
      async () => {
        store = await test.reopen()
        return store
      },
    )
    correctedContract(() => store)
    faultsContract(() => store)
    alertsContract(() => store)
    eventsContract(() => store)
    questionsContract(() => store)
    presenceContract(() => store)
    lampOrdersContract(() => store)
    periodsContract(() => store)
    placementsContract(() => store)

    historyQuestionsContract(() => store)
    documentsContract(() => store)
    rollUpRetentionContract(() => store)
    rollUpsContract(
      () => store,
      async () => {
        store = await test.reopen()
        return store
      },
    )

    it('trims readings and events measured before a time, and nothing else', async () => {
      const times = [start - 40 * day, start - 1, start, start + 1]
      await store.write(times.map((ts) => air('aq-1', ts, 1)))
      await store.write([lamp('lamp-gone', start - 1, 'on'), counter('tr-1', start - 1, 1), counter('tr-1', start, 2)])
      await store.appendEvents(times.map((ts) => alert(`a-${ts}`, ts)))
      for (const stream of ['quarantine', 'audit', 'alert-rule', 'shift'] as const)
        await store.appendEvents([{ stream, id: 'q', ts: start - 1, body: 1 }])
      await store.putDocument('account', { id: 'a', body: 1 })
      await store.trim(start)
      await store.trim(start)
      expect((await store.history(pm25Of('aq-1'))).map(({ ts }) => ts)).toEqual([start, start + 1])
      expect(await store.count()).toBe(3)
      expect((await store.latest()).map(({ sensor }) => sensor).toSorted()).toEqual(['aq-1', 'tr-1'])
      const left = await store.readEvents({ stream: 'alert', limit: 10 })
      expect(left.map(({ ts }) => ts)).toEqual([start + 1, start])
      expect(await store.countEvents('quarantine')).toBe(0)
      // who did what, by which rules, and what a shift left to the next, is never trimmed
      expect(await store.countEvents('audit')).toBe(1)
      expect(await store.countEvents('alert-rule')).toBe(1)
      expect(await store.countEvents('shift')).toBe(1)
      expect(await store.readDocuments('account')).toHaveLength(1)
    })

    it('goes on taking readings while it trims many days, and closes in the middle of that', async () => {
      await store.write(Array.from({ length: 60 }, (_, days) => air('aq-old', start - days * day, 1)))
      const trimming = store.trim(start - 30 * day)
      await Promise.all([trimming, store.write([air('aq-1', start, 1)])])
      expect(await store.count()).toBe(32)
      const ended = store.trim(start).catch((error: unknown) => error)
      store = await test.reopen()
      expect([undefined, expect.any(StoreUnavailableError)]).toContainEqual(await ended)
      expect((await store.history(pm25Of('aq-1'))).map(({ ts }) => ts)).toEqual([start])
    })

    it('has all that is written while it trims, of sensors that have measured nothing before or nothing for long', async () => {
      const longAgo = start - 30 * day
      let written = 0
      for (let round = 0; round < 12; round++) {
        // with something to remove in every other round
        if (round % 2 === 1) await store.write([air(`aq-old-${round}`, start - 400 * day, 1)])
        let isTrimming = true
        const trimming = store.trim(start - 365 * day).finally(() => {
          isTrimming = false
        })
        for (; isTrimming; written++) {
          const [rare, unheard] = [`aq-rare-${written}`, `aq-new-${written}`]
          await store.write([air(rare, longAgo, 1), lamp(`lamp-${written}`, longAgo, 'on')])
          await Promise.all([
            store.write([air(rare, start, 1), air(unheard, start, 1), lamp(`lamp-${written}`, start, 'on')]),
            store.appendEvents([alert(`a-${written}`, start + written)]),
          ])
        }
        await trimming
      }
      expect(written).toBeGreaterThanOrEqual(12)
      expect(await store.count()).toBe(5 * written)
      expect(await store.countEvents('alert')).toBe(written)
    })

    it('takes a reading again that was trimmed', async () => {
      await store.write([air('aq-1', start, 1)])
      await store.trim(start + 1)
      await store.write([air('aq-1', start, 1)])
      expect(await store.count()).toBe(1)
    })

    it('names every reading of a span of time, once', async () => {
      const many = Array.from({ length: 120_000 }, (_, i) => air(`aq-${i % 7}`, start + Math.floor(i / 7), 1))
      await store.write([...many, air('aq-0', start - 1, 1), air('aq-0', start + 20_000, 1)])
      await store.write([counter('tr-1', start, 1)])
      const found = new Set<string>()
      let rows = 0
      for await (const page of store.identities({ kind: 'air-quality', from: start, to: start + 20_000 }))
        for (const { sensor, ts } of page) {
          rows += 1
          found.add(`${sensor} ${ts}`)
        }
      expect(rows).toBe(many.length)
      expect(found).toEqual(new Set(many.map(({ sensor, ts }) => `${sensor} ${ts}`)))
    })

    it('names every reading of a span of time that more sensors measured in one millisecond than fit in a page', async () => {
      const many = Array.from({ length: 55_000 }, (_, i) => air(`aq-${i}`, start + 1, 1))
      await store.write([air('aq-first', start, 1), ...many, air('aq-last', start + 2, 1)])
      const found: string[] = []
      for await (const page of store.identities({ kind: 'air-quality', from: start, to: start + 3 }))
        found.push(...page.map(({ sensor, ts }) => `${sensor} ${ts - start}`))
      const expected = ['aq-first 0', ...many.map(({ sensor }) => `${sensor} 1`), 'aq-last 2']
      expect(found.toSorted()).toEqual(expected.toSorted())
    })

    it('names readings for one caller while others write, and closes although nobody reads on', async () => {
      const many = Array.from({ length: 10_000 }, (_, i) => air('aq-1', start + i, 1))
      await store.write(many)
      for await (const _ of store.identities({ kind: 'air-quality', from: start, to: start + day })) {
        await store.write([air('aq-2', start, 1)])
        break
      }
      await store.close()
    })

    it('serves several callers at once', async () => {
      const writes = Array.from({ length: 20 }, (_, i) =>
        store.write([air(`aq-${i}`, start, i), air('aq-all', start, 1)]),
      )
      const events = Array.from({ length: 20 }, (_, i) => store.appendEvents([alert(`a-${i}`, start + i)]))
      await Promise.all([...writes, ...events, store.latest(), store.count(), store.ping()])
      expect(await store.count()).toBe(21)
      expect(await store.countEvents('alert')).toBe(20)
    })

    it('answers a ping, and closes as often as asked', async () => {
      await store.ping()
      await Promise.all([store.close(), store.close()])
      await store.close()
    })
  })
}
