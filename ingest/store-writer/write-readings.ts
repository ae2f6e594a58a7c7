import { PartFailedError, PartRejectedError } from '#storage/running-store.ts'
import { StoreRejectedError } from '#telemetry/errors.ts'
import type { LiveReading } from '#telemetry/live.ts'
import type { RunningStoreParts } from '../ingest-store.ts'

/**
 * Writes readings until the store has them; counts what it has and which of them corrected another.
 * @throws PartRejectedError when the store rejects some of them, or its own code fails over them
 */
export async function writeReadings(
  readings: readonly LiveReading[],
  { store, metrics }: Pick<RunningStoreParts, 'store' | 'metrics'>,
): Promise<void> {
  const count = (stored: number, corrected: number) => {
    metrics.stored.inc(stored)
    metrics.corrected.inc(corrected)
  }
  try {
    const { corrected } = await store.write(readings.map(({ reading }) => reading))
    count(readings.length, corrected)
  } catch (error) {
    const rejection = asRejection(error)
    if (rejection instanceof PartRejectedError) count(rejection.part.from, rejection.part.corrected)
    throw rejection
  }
}

/** What makes the store's own code fail is rejected too: it would fail again. */
function asRejection(error: unknown): unknown {
  if (!(error instanceof PartFailedError)) return error
  const said = `the platform fails at writing it: ${String(error.cause)}`
  return new PartRejectedError(new StoreRejectedError(said, error.cause), error.part)
}
