import { PartFailedError, PartRejectedError, type StoredPart } from '#storage/running-store.ts'
import { StoreRejectedError } from '#telemetry/errors.ts'
import type { LiveReading } from '#telemetry/live.ts'
import type { RunningStoreParts } from '../ingest-store.ts'

/**
 * Writes readings until the store has them; counts each part that it has, and which of them corrected another.
 * @throws PartRejectedError when the store rejects some of them, or its own code fails over them
 */
export async function writeReadings(
  readings: readonly LiveReading[],
  { store, metrics }: Pick<RunningStoreParts, 'store' | 'metrics'>,
): Promise<void> {
  const count = ({ length, corrected }: StoredPart) => {
    metrics.stored.inc(length)
    metrics.corrected.inc(corrected)
  }
  try {
    await store.write(
      readings.map(({ reading }) => reading),
      count,
    )
  } catch (error) {
    throw asRejection(error)
  }
}

/** What makes the store's own code fail is rejected too: it would fail again. */
function asRejection(error: unknown): unknown {
  if (!(error instanceof PartFailedError)) return error
  const said = `the platform fails at writing it: ${String(error.cause)}`
  return new PartRejectedError(new StoreRejectedError(said, error.cause), error.part)
}
