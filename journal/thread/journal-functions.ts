import type { Journal, JournalStats, RawBlock, RawReader } from '../journal.ts'

/** What a thread that owns a journal does for another one that reads it; arguments and answers can be cloned. */
export interface JournalFunctions {
  /** Answers the number of the new reader. */
  openReader(offset: number): Promise<number>
  next(reader: number, options: { maxRecords: number; waitMs: number }): Promise<RawBlock[]>
  closeReader(reader: number): Promise<void>
  committed(consumer: string): Promise<number>
  commit(consumer: string, offset: number): Promise<void>
  stats(): Promise<JournalStats>
}

/** The functions of a journal, for the thread that owns it. */
export function createJournalFunctions(journal: Journal): JournalFunctions {
  const readers = new Map<number, RawReader>()
  let last = 0
  return {
    async openReader(offset) {
      readers.set(++last, await journal.readRaw(offset))
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
