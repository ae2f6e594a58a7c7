import { PlatformError, StoreRejectedError } from '#telemetry/errors.ts'
import type { LiveReading } from '#telemetry/live.ts'
import type { StoreOptions } from './until-stored.ts'

/**
 * Writes readings once, and counts what the store then has and which of them corrected another.
 * @throws StoreRejectedError also when the store itself fails over these readings: the one that does it is then looked for
 */
export async function writeReadings(part: readonly LiveReading[], { store, metrics }: StoreOptions): Promise<void> {
  let corrected: number
  try {
    corrected = (await store.write(part.map(({ reading }) => reading))).corrected
  } catch (error) {
    if (error instanceof PlatformError) throw error
    throw new StoreRejectedError(`the platform fails at writing it: ${String(error)}`, error)
  }
  metrics.stored.inc(part.length)
  metrics.corrected.inc(corrected)
}
