import type { Logger } from 'pino'
import { BlockDamagedError, decodeBlock } from './block-codec.ts'
import type { JournalBlock, JournalReader } from './journal.ts'

/** A block as it lies on disk. */
export interface RawBlock {
  position: number
  bytes: Uint8Array
}

/** As a JournalReader, of blocks as they lie on disk. */
export interface RawReader {
  next(options: { maxRecords: number; waitMs: number }): Promise<RawBlock[]>
  close(): Promise<void>
}

/** Decodes blocks; one that is damaged is logged and left out. */
export function readable(blocks: readonly RawBlock[], log: Logger): JournalBlock[] {
  const found: JournalBlock[] = []
  for (const { position, bytes } of blocks) {
    try {
      found.push({ position, records: decodeBlock(bytes) })
    } catch (error) {
      if (!(error instanceof BlockDamagedError)) throw error
      log.error({ err: error, position }, 'a block of the journal is damaged and is left out')
    }
  }
  return found
}

/** Decodes what another reader brings; a block that is damaged is logged and left out. */
export function decoding(raw: RawReader, log: Logger): JournalReader {
  return {
    async next({ maxRecords, waitMs }) {
      for (const deadline = Date.now() + waitMs; ; ) {
        const found = await raw.next({ maxRecords, waitMs: Math.max(0, deadline - Date.now()) })
        const blocks = readable(found, log)
        if (blocks.length > 0 || found.length === 0) return blocks
      }
    },
    close: () => raw.close(),
  }
}
