import type { Logger } from 'pino'
import { UnreachableError } from '#telemetry/errors.ts'
import { decodeRawBlock } from './decoding-reader.ts'
import type { Journal, JournalBlock } from './journal.ts'

/** A journal that is only looked at. */
export type ReadOnlyJournal = Pick<Journal, 'readRaw' | 'end' | 'committed' | 'close'>

/** Blocks that wait, and how far through all that wait they are. */
export interface BacklogPage {
  blocks: readonly JournalBlock[]
  done: number
  total: number
}

const maxRecords = 10_000
/** ms that the journal has for the next blocks */
const patienceMs = 30_000

/**
 * Everything that this consumer has not committed, up to the end as it is now. Oldest first, a page at a time.
 * @throws UnreachableError when the journal does not give all of it
 * @throws BlockVersionError when there is a block of another version in it
 */
export async function* readBacklog(
  journal: ReadOnlyJournal,
  consumer: string,
  log: Logger,
): AsyncGenerator<BacklogPage> {
  const end = await journal.end()
  const from = await journal.committed(consumer)
  if (from >= end) return
  const reader = await journal.readRaw(from)
  try {
    for (let at = from; at < end; ) {
      const blocks = await reader.next({ maxRecords, waitMs: patienceMs })
      const last = blocks.at(-1)
      if (!last) throw new UnreachableError('the journal does not give all that waits in it')
      at = last.offset
      yield {
        blocks: blocks.map((block) => decodeRawBlock(block, log)),
        done: Math.min(at, end) - from,
        total: end - from,
      }
    }
  } finally {
    await reader.close()
  }
}
