import type { JournalBlock } from '#journal/journal.ts'
import type { ArrivalCheck } from './arrival-check.ts'
import { type Decoded, decode, nothingDecoded } from './decode.ts'
import type { TopicCache } from './topic-cache.ts'

/** A block of the journal, decoded. */
export interface DecodedBlock extends Decoded {
  position: number
  /** the bytes of a block that nobody can read */
  damaged?: Uint8Array
}

/** Decodes every record of a block. */
export function decodeBlock(
  { position, records, damaged }: JournalBlock,
  topics: TopicCache,
  arrivals?: ArrivalCheck,
): DecodedBlock {
  const decoded: DecodedBlock = { position, ...nothingDecoded(), ...(damaged ? { damaged } : {}) }
  for (const record of records) decode(record, topics, decoded, arrivals)
  return decoded
}
