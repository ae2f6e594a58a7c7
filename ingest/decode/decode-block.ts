import type { JournalBlock } from '#journal/journal.ts'
import type { ArrivalTimes } from '../clock/arrival-times.ts'
import { decodeMessage } from './decode-message.ts'
import { type Decoded, nothingDecoded } from './decoded.ts'
import type { TopicCache } from './topic-cache.ts'

/** A block of the journal, decoded. */
export interface DecodedBlock extends Decoded {
  offset: number
  /** the bytes of a block that nobody can read */
  damaged?: Uint8Array
}

/** Decodes every record of a block. */
export function decodeBlock(
  { offset, records, damaged }: JournalBlock,
  topics: TopicCache,
  arrivals?: ArrivalTimes,
): DecodedBlock {
  const decoded: DecodedBlock = { offset, ...nothingDecoded(), ...(damaged ? { damaged } : {}) }
  for (const record of records) decodeMessage(record, topics, decoded, arrivals)
  return decoded
}

/** bytes of a refused message that weigh as much as a reading */
const bytesOfReading = 256

/** How much memory a block takes once it is decoded, in readings: what is refused of it is held with its payload. */
export function weightOf({ readings, refusals, damaged }: DecodedBlock): number {
  let bytes = damaged?.byteLength ?? 0
  for (const { payload } of refusals) bytes += payload.byteLength
  return readings.length + refusals.length + Math.ceil(bytes / bytesOfReading)
}
