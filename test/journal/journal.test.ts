import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Journal, JournalReader } from '#journal/journal.ts'
import { openLocalJournal } from '#journal/local/local-journal.ts'
import { openNatsJournal } from '#journal/nats/nats-journal.ts'
import { JournalFullError } from '#telemetry/errors.ts'
import { type NatsServer, natsInstalled, startNatsServer } from '../real/nats-server.ts'
import { numbered, numberedFrom, numberOf, numbersOf, readAll, readRecords, silent, until } from './journal-parts.ts'

/** How one kind of journal is opened; the same place twice is the same journal. */
interface Kind {
  name: string
  installed: boolean
  start(): Promise<void>
  open(place: string, consumers: readonly string[], maxBytes: number): Promise<Journal>
  stop(): Promise<void>
}

function local(): Kind {
  let folder = ''
  return {
    name: 'local',
    installed: true,
    async start() {
      folder = await mkdtemp(join(tmpdir(), 'nhip-journal-'))
    },
    open: (place, consumers, maxBytes) =>
      openLocalJournal({ path: join(folder, place), consumers, maxBytes, log: silent }),
    async stop() {
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function nats(): Kind {
  let server: NatsServer | undefined
  return {
    name: 'nats',
    installed: natsInstalled(),
    async start() {
      server = await startNatsServer()
    },
    open: (place, consumers, maxBytes) =>
      openNatsJournal({ url: server?.url ?? '', stream: place, consumers, maxBytes, log: silent }),
    async stop() {
      await server?.close()
    },
  }
}

const megabyte = 1_048_576

describe.each([local(), nats()])('the $name journal', (kind) => {
  let place = ''
  let places = 0
  let opened: Journal[] = []

  async function open({ consumers = ['store'], maxBytes = 64 * megabyte } = {}): Promise<Journal> {
    const journal = await kind.open(place, consumers, maxBytes)
    opened.push(journal)
    return journal
  }

  const test = it.skipIf(!kind.installed)

  beforeAll(async () => {
    if (kind.installed) await kind.start()
  })
  afterAll(() => kind.stop())
  beforeEach(() => {
    place = `place-${places++}`
  })
  afterEach(async () => {
    for (const journal of opened) await journal.close()
    opened = []
  })

  describe('appending', () => {
    test('gives back what was appended, in order, to the byte', async () => {
      const journal = await open()
      const records = [
        { topic: 'city/v1/quận-1/đèn/số-một/reading', payload: Buffer.from([0, 255, 10, 13, 0]), arrivedAt: 1.5 },
        { topic: 'a', payload: new Uint8Array(0), arrivedAt: 1_763_900_000_123 },
        { topic: '道路/🚦', payload: Buffer.alloc(200_000, 0xa5), arrivedAt: 1_763_900_000_124 },
      ]
      for (const record of records) await journal.append([record])
      const read = (await readAll(journal)).flatMap((block) => [...block.records])
      expect(read.map(({ topic, arrivedAt }) => ({ topic, arrivedAt }))).toEqual(
        records.map(({ topic, arrivedAt }) => ({ topic, arrivedAt })),
      )
      expect(read.map(({ payload }) => Buffer.from(payload).equals(records.shift()?.payload ?? Buffer.of(1)))).toEqual([
        true,
        true,
        true,
      ])
    })

    test('keeps what was appended over a close', async () => {
      const journal = await open()
      await journal.append(numberedFrom(0, 100))
      await journal.close()
      expect(numbersOf(await readAll(await open()))).toEqual(numberedFrom(0, 100).map(numberOf))
    })

    test('groups what is appended at once into few blocks and keeps all of it', async () => {
      const journal = await open()
      await Promise.all(numberedFrom(0, 5_000).map((record) => journal.append([record])))
      const blocks = await readAll(journal)
      expect(numbersOf(blocks)).toEqual(numberedFrom(0, 5_000).map(numberOf))
      expect(blocks.length).toBeLessThan(500)
    })

    test('numbers blocks upwards from above 0', async () => {
      const journal = await open()
      expect(await journal.end()).toBe(0)
      for (const number of [1, 2, 3]) await journal.append([numbered(number)])
      const offsets = (await readAll(journal)).map((block) => block.offset)
      expect(offsets).toHaveLength(3)
      expect(offsets[0]).toBeGreaterThan(0)
      expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b))
      expect(await journal.end()).toBe(offsets[2])
    })

    test('appends nothing for no records', async () => {
      const journal = await open()
      await journal.append([])
      expect(await journal.end()).toBe(0)
    })

    test('finishes at its close what was appended before, and rejects what comes after', async () => {
      const journal = await open()
      const before = Promise.all(numberedFrom(0, 500).map((record) => journal.append([record])))
      await Promise.all([journal.close(), journal.close()])
      await before
      await expect(journal.append([numbered(501)])).rejects.toThrow('closed')
      await journal.close()
      expect(numbersOf(await readAll(await open()))).toEqual(numberedFrom(0, 500).map(numberOf))
    })
  })

  describe('reading', () => {
    test('follows the end: a reader that waits gets what is appended', async () => {
      const journal = await open()
      const reader = await journal.read(0)
      const waiting = reader.next({ maxRecords: 10, waitMs: 30_000 })
      await journal.append([numbered(1)])
      expect(numbersOf(await waiting)).toEqual([1])
      await journal.append([numbered(2)])
      expect(numbersOf(await reader.next({ maxRecords: 10, waitMs: 30_000 }))).toEqual([2])
    })

    test('gives nothing once the wait is over', async () => {
      const journal = await open()
      await journal.append([numbered(1)])
      const reader = await journal.read(await journal.end())
      expect(await reader.next({ maxRecords: 10, waitMs: 50 })).toEqual([])
      expect(await reader.next({ maxRecords: 10, waitMs: 0 })).toEqual([])
    })

    test('waits at the end also where everything was trimmed before', async () => {
      const journal = await open()
      await journal.append([numbered(1)])
      await journal.commit('store', await journal.end())
      await journal.close()
      const again = await open()
      const reader = await again.read(0)
      const follow = async () => {
        // a journal may hold on to the newest committed block
        const blocks = await reader.next({ maxRecords: 10, waitMs: 30_000 })
        return numbersOf(blocks).includes(2) ? blocks : reader.next({ maxRecords: 10, waitMs: 30_000 })
      }
      const waiting = follow()
      await again.append([numbered(2)])
      expect(numbersOf(await waiting)).toContain(2)
    })

    test('ends a wait when the reader is closed', async () => {
      const reader = await (await open()).read(0)
      const waiting = reader.next({ maxRecords: 10, waitMs: 55_000 })
      await reader.close()
      expect(await waiting).toEqual([])
      expect(await reader.next({ maxRecords: 10, waitMs: 55_000 })).toEqual([])
    })

    test('ends a wait when the journal is closed', async () => {
      const journal = await open()
      const reader = await journal.read(0)
      const waiting = reader.next({ maxRecords: 10, waitMs: 55_000 })
      await journal.close()
      expect(await waiting).toEqual([])
      expect(await reader.next({ maxRecords: 10, waitMs: 55_000 })).toEqual([])
    })

    test('ends a read that is under way when the journal is closed', async () => {
      const journal = await open()
      for (let number = 0; number < 2_000; number += 100)
        await journal.append(numberedFrom(number, number + 100, 1_000))
      const reader = await journal.read(0)
      const reading = reader.next({ maxRecords: 100_000, waitMs: 55_000 })
      await journal.close()
      const numbers = numbersOf(await reading)
      expect(numbers).toEqual(numberedFrom(0, numbers.length).map(numberOf))
    })

    test('is not woken by the close of another reader', async () => {
      const journal = await open()
      const [one, other] = await Promise.all([journal.read(0), journal.read(0)])
      const waiting = one.next({ maxRecords: 10, waitMs: 30_000 })
      await other.close()
      await journal.append([numbered(1)])
      expect(numbersOf(await waiting)).toEqual([1])
    })

    test('begins behind the offset asked for', async () => {
      const journal = await open()
      for (const number of [1, 2, 3, 4]) await journal.append([numbered(number)])
      const second = (await readAll(journal))[1]?.offset ?? 0
      expect(numbersOf(await readAll(journal, second))).toEqual([3, 4])
    })

    test('stops adding blocks once as many records are held as were asked for', async () => {
      const journal = await open()
      for (let number = 0; number < 40; number += 4) await journal.append(numberedFrom(number, number + 4))
      const reader = await journal.read(0)
      const read = await until('blocks', async () => {
        const blocks = await reader.next({ maxRecords: 10, waitMs: 1_000 })
        return blocks.length > 0 && blocks
      })
      // the block that reaches the number is the last one
      expect(numbersOf(read).length).toBeLessThanOrEqual(12)
      expect(numbersOf([...read, ...(await readRecords(reader, 40 - numbersOf(read).length))])).toEqual(
        numberedFrom(0, 40).map(numberOf),
      )
    })

    test('gives every reader all blocks while they are appended', async () => {
      const journal = await open()
      const readers = await Promise.all([journal.read(0), journal.read(0)])
      const read = Promise.all(readers.map((reader) => readRecords(reader, 3_000)))
      for (let number = 0; number < 3_000; number += 10) await journal.append(numberedFrom(number, number + 10))
      for (const blocks of await read) expect(numbersOf(blocks)).toEqual(numberedFrom(0, 3_000).map(numberOf))
    })
  })

  describe('committing', () => {
    /** Appends these numbers, each as a block of its own, and gives the offsets. */
    async function blocksOf(journal: Journal, from: number, to: number): Promise<number[]> {
      const before = await journal.end()
      for (const record of numberedFrom(from, to)) await journal.append([record])
      return (await readAll(journal, before)).map((block) => block.offset)
    }

    const held = async (journal: Journal) => (await journal.stats()).blocks

    test('remembers the offset of each consumer over a close', async () => {
      const journal = await open({ consumers: ['one', 'two'] })
      const [first = 0, second = 0] = await blocksOf(journal, 0, 3)
      expect(await journal.committed('one')).toBe(0)
      await journal.commit('one', first)
      await journal.commit('two', second)
      await journal.close()
      const again = await open({ consumers: ['one', 'two'] })
      expect(await again.committed('one')).toBe(first)
      expect(await again.committed('two')).toBe(second)
    })

    test('never goes back', async () => {
      const journal = await open()
      const [first = 0, second = 0] = await blocksOf(journal, 0, 2)
      await journal.commit('store', second)
      await journal.commit('store', first)
      expect(await journal.committed('store')).toBe(second)
    })

    test('keeps what the slower consumer has not committed and lets go of what all have', async () => {
      const journal = await open({ consumers: ['fast', 'slow'] })
      const offsets = await blocksOf(journal, 0, 100)
      const at = (index: number) => offsets[index] ?? 0
      await journal.commit('fast', at(99))
      expect(await held(journal)).toBe(100)
      expect(numbersOf(await readAll(journal))).toEqual(numberedFrom(0, 100).map(numberOf))
      await journal.commit('slow', at(39))
      await until('trimming', async () => (await held(journal)) === 60)
      expect(numbersOf(await readAll(journal, at(39)))).toEqual(numberedFrom(40, 100).map(numberOf))
      await until('removal of the oldest', async () => !numbersOf(await readAll(journal)).includes(0))
      await journal.close()
      const again = await open({ consumers: ['fast', 'slow'] })
      expect(numbersOf(await readAll(again, at(39)))).toEqual(numberedFrom(40, 100).map(numberOf))
    })

    test('trims while blocks are appended and read, without losing one', async () => {
      const journal = await open()
      const reader = await journal.read(0)
      const append = async () => {
        for (let number = 0; number < 2_000; number += 5) await journal.append(numberedFrom(number, number + 5))
      }
      const follow = async (from: JournalReader) => {
        const numbers: number[] = []
        while (numbers.length < 2_000) {
          const blocks = await from.next({ maxRecords: 50, waitMs: 1_000 })
          numbers.push(...numbersOf(blocks))
          const last = blocks.at(-1)
          if (last) await journal.commit('store', last.offset)
        }
        return numbers
      }
      const [numbers] = await Promise.all([follow(reader), append()])
      expect(numbers).toEqual(numberedFrom(0, 2_000).map(numberOf))
      await until('all of it trimmed', async () => (await held(journal)) === 0)
    })

    test('gives no offset twice, also when it is opened for another consumer', async () => {
      const journal = await open()
      const offsets = await blocksOf(journal, 0, 5)
      const last = offsets.at(-1) ?? 0
      await journal.commit('store', last)
      await until('trimming', async () => (await held(journal)) === 0)
      await journal.close()
      const others = await open({ consumers: ['other'] })
      await others.append([numbered(5)])
      await others.close()
      const again = await open()
      expect(await again.committed('store')).toBe(last)
      expect(numbersOf(await readAll(again, last))).toEqual([5])
    })

    test('goes on upwards after everything was trimmed and the journal opened again', async () => {
      const journal = await open()
      const offsets = await blocksOf(journal, 0, 5)
      const last = offsets.at(-1) ?? 0
      await journal.commit('store', last)
      await until('trimming', async () => (await held(journal)) === 0)
      await journal.close()
      const again = await open()
      expect(await again.end()).toBe(last)
      await again.append([numbered(5)])
      expect(await again.end()).toBeGreaterThan(last)
      expect(numbersOf(await readAll(again, last))).toEqual([5])
    })
  })

  describe('measuring', () => {
    test('is empty at first', async () => {
      expect(await (await open({ maxBytes: 8 * megabyte })).stats()).toEqual({
        bytes: 0,
        maxBytes: 8 * megabyte,
        blocks: 0,
        oldestAt: undefined,
      })
    })

    test('tells bytes, blocks and the age of the oldest record', async () => {
      const journal = await open()
      for (const number of [1, 2, 3]) await journal.append([numbered(number, 10_000)])
      const full = await journal.stats()
      expect(full).toMatchObject({ blocks: 3, oldestAt: numbered(1).arrivedAt })
      expect(full.bytes).toBeGreaterThan(30_000)
      expect(full.bytes).toBeLessThan(33_000)
      await journal.commit('store', (await readAll(journal))[0]?.offset ?? 0)
      await until('the next oldest', async () => (await journal.stats()).oldestAt === numbered(2).arrivedAt)
      await journal.commit('store', await journal.end())
      await until('emptiness', async () => (await journal.stats()).bytes === 0)
      expect(await journal.stats()).toMatchObject({ blocks: 0, oldestAt: undefined })
    })

    test('tells the same after it was opened again', async () => {
      const journal = await open()
      for (const number of [1, 2, 3]) await journal.append([numbered(number, 10_000)])
      const before = await journal.stats()
      await journal.close()
      expect(await (await open()).stats()).toEqual(before)
    })
  })

  describe('full', () => {
    const size = 16_384

    /** Appends until it is refused; the numbers that were taken. */
    async function fill(journal: Journal, from: number): Promise<number> {
      for (let number = from; ; number++) {
        try {
          await journal.append([numbered(number, size)])
        } catch (error) {
          expect(error).toBeInstanceOf(JournalFullError)
          return number
        }
      }
    }

    test('refuses what is beyond its bytes and keeps nothing of it', async () => {
      const journal = await open({ maxBytes: 2 * megabyte })
      const taken = await fill(journal, 0)
      expect(taken).toBeGreaterThan(100)
      expect(taken).toBeLessThan(300)
      await expect(journal.append(numberedFrom(9_000, 9_200, size))).rejects.toThrow(JournalFullError)
      expect(numbersOf(await readAll(journal))).toEqual(numberedFrom(0, taken).map(numberOf))
    })

    test('keeps each of many calls as a whole or not at all', async () => {
      const journal = await open({ maxBytes: 2 * megabyte })
      const calls = Array.from({ length: 400 }, (_, index) => numberedFrom(index * 10, index * 10 + 10, 1_024))
      const outcomes = await Promise.allSettled(calls.map((records) => journal.append(records)))
      const taken = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? (calls[index] ?? []) : []))
      expect(taken.length).toBeGreaterThan(0)
      expect(taken.length).toBeLessThan(4_000)
      expect(numbersOf(await readAll(journal)).sort((a, b) => a - b)).toEqual(taken.map(numberOf))
    })

    test('says so as an error that is worth another try', async () => {
      const journal = await open({ maxBytes: megabyte })
      await fill(journal, 0)
      await expect(journal.append([numbered(1, size)])).rejects.toMatchObject({ code: 'JOURNAL_FULL', retryable: true })
    })

    test('takes again once its consumer has committed', async () => {
      const journal = await open({ maxBytes: megabyte })
      const taken = await fill(journal, 0)
      const last = (await readAll(journal)).at(-1)?.offset ?? 0
      await journal.commit('store', last)
      await until('room', () =>
        journal.append([numbered(taken, size)]).then(
          () => true,
          () => false,
        ),
      )
      expect(numbersOf(await readAll(journal, last))).toEqual([taken])
    })

    test('takes again after it was opened with more room', async () => {
      const journal = await open({ maxBytes: megabyte })
      const taken = await fill(journal, 0)
      await journal.close()
      const again = await open({ maxBytes: 4 * megabyte })
      await again.append([numbered(taken, size)])
      expect(numbersOf(await readAll(again))).toEqual(numberedFrom(0, taken + 1).map(numberOf))
    })

    test('opened with less room than it holds, it keeps all and refuses more', async () => {
      const journal = await open({ maxBytes: 4 * megabyte })
      const taken = await fill(journal, 0)
      await journal.close()
      const again = await open({ maxBytes: megabyte })
      expect(numbersOf(await readAll(again))).toEqual(numberedFrom(0, taken).map(numberOf))
      await expect(again.append([numbered(taken, size)])).rejects.toThrow(JournalFullError)
    })
  })
})
