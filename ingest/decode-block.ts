import type { JournalBlock } from '#journal/journal.ts'
import { type Decoded, decode } from './decode.ts'
import type { TopicCache } from './topic-cache.ts'

/** A block of the journal, decoded. */
export interface DecodedBlock extends Decoded {
  position: number
}

/** Decodes every record of a block. */
export function decodeBlock(block: JournalBlock, topics: TopicCache): DecodedBlock {
  const decoded: DecodedBlock = { position: block.position, readings: [], refusals: [], unknownValues: 0 }
  for (const record of block.records) {
    const { readings, refusals, unknownValues } = decode(record, topics)
    decoded.readings.push(...readings)
    decoded.refusals.push(...refusals)
    decoded.unknownValues += unknownValues
  }
  return decoded
}
