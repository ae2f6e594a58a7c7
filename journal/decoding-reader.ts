import type { Logger } from 'pino'
import { BlockDamagedError, decodeBlock } from './block-codec.ts'
import type { JournalBlock, JournalReader, RawBlock, RawReader } from './journal.ts'

/**
 * Decodes a block; one that is damaged is logged, and has no records but its bytes.
 * @throws BlockVersionError when it is of another version
 */
export function decodeRawBlock({ offset, bytes, checkedAt }: RawBlock, log: Logger): JournalBlock {
  try {
    return { offset, records: decodeBlock(bytes, checkedAt) }
  } catch (error) {
    if (!(error instanceof BlockDamagedError)) throw error
    log.error({ err: error, offset }, 'a block of the journal is damaged')
    return { offset, records: [], damaged: bytes }
  }
}

/**
 * Decodes what another reader brings. What cannot be decoded stays the next: `next` gives the blocks before it, and from then
 * on rejects with BlockVersionError, for a block of another version.
 */
export function createDecodingReader(raw: RawReader, log: Logger): JournalReader {
  let waiting: RawBlock[] = []
  return {
    async next(options) {
      if (waiting.length === 0) waiting = await raw.next(options)
      const blocks: JournalBlock[] = []
      for (const block of waiting) {
        try {
          blocks.push(decodeRawBlock(block, log))
        } catch (error) {
          if (blocks.length === 0) throw error
          break // thrown by the next call
        }
      }
      waiting = waiting.slice(blocks.length)
      return blocks
    },
    close: () => raw.close(),
  }
}
