import { PartRejectedError } from '#storage/running-store.ts'
import type { LiveReading } from '#telemetry/live.ts'
import type { Refusal } from '../decode/refusal.ts'
import type { RunningStoreParts } from '../ingest-store.ts'
import { findRejected } from './find-rejected.ts'
import { writeReadings } from './write-readings.ts'

/**
 * Writes a batch. What the store rejects of it for its content is found and returned; everything else is stored when this
 * resolves.
 */
export async function writeBatch(batch: readonly LiveReading[], parts: RunningStoreParts): Promise<Refusal[]> {
  const refusals: Refusal[] = []
  for (let left = batch; left.length > 0; ) {
    const rejection = await rejectionOf(left, parts)
    if (!rejection) break
    const { from, to } = rejection.part
    const rejected = left.slice(from, to)
    refusals.push(...(await parts.store.retry(() => findRejected(rejected, rejection, parts))))
    left = left.slice(to)
  }
  return refusals
}

async function rejectionOf(
  readings: readonly LiveReading[],
  parts: RunningStoreParts,
): Promise<PartRejectedError | undefined> {
  try {
    await writeReadings(readings, parts)
    return undefined
  } catch (error) {
    if (error instanceof PartRejectedError) return error
    throw error
  }
}
