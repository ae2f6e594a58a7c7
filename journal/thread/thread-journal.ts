import type { Logger } from 'pino'
import { createDecodingReader } from '../decoding-reader.ts'
import type { JournalSource, RawBlock, RawReader } from '../journal.ts'
import type { JournalFunctions } from './journal-functions.ts'

/** Reads the journal of another thread. Blocks are transferred as bytes and decoded here; the next ones are requested ahead, because the other thread may be busy. */
export function createThreadJournal(remote: JournalFunctions, log: Logger): JournalSource {
  return {
    async read(offset) {
      const reader = await remote.openReader(offset)
      let ahead: Promise<RawBlock[]> | undefined
      const next: RawReader['next'] = async (options) => {
        const asked = ahead ?? remote.next(reader, options)
        ahead = undefined
        const blocks = await asked
        if (blocks.length > 0) {
          ahead = remote.next(reader, options)
          ahead.catch(() => {}) // the next call awaits it and reports the fault
        }
        return blocks
      }
      return createDecodingReader({ next, close: () => remote.closeReader(reader) }, log)
    },
    committed: (consumer) => remote.committed(consumer),
    commit: (consumer, offset) => remote.commit(consumer, offset),
    stats: () => remote.stats(),
  }
}
