import { StoreRejectedError } from '#telemetry/errors.ts'
import type { LiveReading } from '#telemetry/live.ts'
import type { Refusal } from '../decode/refusal.ts'
import type { BatchSize } from './batch-size.ts'
import { findRejected } from './find-rejected.ts'
import { type StoreOptions, untilStored } from './until-stored.ts'
import { writeReadings } from './write-readings.ts'

export interface WriteBatchOptions extends StoreOptions {
  size: BatchSize
}

/**
 * Writes a batch in parts of a size that the store takes. What it rejects of a part for its content is found and answered;
 * everything else is stored when this resolves.
 */
export async function writeBatch(batch: readonly LiveReading[], options: WriteBatchOptions): Promise<Refusal[]> {
  const { size } = options
  const refusals: Refusal[] = []
  let from = 0
  const next = async () => {
    const part = batch.slice(from, from + size.current)
    try {
      await writeReadings(part, options)
      size.succeeded()
    } catch (error) {
      if (!(error instanceof StoreRejectedError)) {
        size.failed()
        throw error
      }
      refusals.push(...(await findRejected(part, error, options)))
    }
    from += part.length
  }
  while (from < batch.length) await untilStored(next, options)
  return refusals
}
