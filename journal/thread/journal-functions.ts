import { sleep } from '#telemetry/retry/sleep.ts'
import { recordCount } from '../block-codec.ts'
import type { Journal, JournalStats, RawBlock, RawReader } from '../journal.ts'

/** Functions that the thread which owns a journal offers to the thread which reads it; arguments and results can be cloned. */
export interface JournalFunctions {
  /** Returns the number of the new reader. */
  openReader(offset: number): Promise<number>
  next(reader: number, options: { maxRecords: number; waitMs: number }): Promise<RawBlock[]>
  closeReader(reader: number): Promise<void>
  committed(consumer: string): Promise<number>
  commit(consumer: string, offset: number): Promise<void>
  stats(): Promise<JournalStats>
}

/** ms between two answers with few records: each wakes the other thread, which costs as much for one record as for hundreds */
const gatherMs = 20
/** records from which on an answer is no small one */
const manyRecords = 500

/** Reads blocks as they come; while they come one by one, several at a time. */
class GatheringReader {
  readonly #reader: RawReader
  #waitUntil = 0

  constructor(reader: RawReader) {
    this.#reader = reader
  }

  async next(options: { maxRecords: number; waitMs: number }): Promise<RawBlock[]> {
    const waitMs = this.#waitUntil - performance.now()
    if (waitMs >= 1) await sleep(waitMs)
    const blocks = await this.#reader.next(options)
    let records = 0
    for (const { bytes } of blocks) records += recordCount(bytes)
    this.#waitUntil = records < manyRecords ? performance.now() + gatherMs : 0
    return blocks
  }

  close(): Promise<void> {
    return this.#reader.close()
  }
}

/** The functions of a journal, for the thread that owns it. */
export function createJournalFunctions(journal: Journal): JournalFunctions {
  const readers = new Map<number, GatheringReader>()
  let last = 0
  return {
    async openReader(offset) {
      readers.set(++last, new GatheringReader(await journal.readRaw(offset)))
      return last
    },
    async next(reader, options) {
      return (await readers.get(reader)?.next(options)) ?? []
    },
    async closeReader(reader) {
      await readers.get(reader)?.close()
      readers.delete(reader)
    },
    committed: (consumer) => journal.committed(consumer),
    commit: (consumer, offset) => journal.commit(consumer, offset),
    stats: () => journal.stats(),
  }
}
