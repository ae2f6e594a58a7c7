import { StoreRejectedError } from '#telemetry/errors.ts'
import type { LiveReading } from '#telemetry/live.ts'
import type { Refusal } from '../decode/refusal.ts'
import { asRefusal } from '../decode/refused-reading.ts'
import type { RunningStoreParts } from '../ingest-store.ts'
import { writeReadings } from './write-readings.ts'

/** A reading that the store rejected when it was alone. */
interface Rejected {
  item: LiveReading
  error: StoreRejectedError
}

/** Writes until the store has these readings, or rejects them. */
async function attempt(
  part: readonly LiveReading[],
  options: RunningStoreParts,
): Promise<StoreRejectedError | undefined> {
  try {
    await writeReadings(part, options)
    return undefined
  } catch (error) {
    if (error instanceof StoreRejectedError) return error
    throw error
  }
}

/** Halves a part that was rejected until each reading that is rejected is alone; all others are stored. */
async function alone(
  part: readonly LiveReading[],
  error: StoreRejectedError,
  options: RunningStoreParts,
): Promise<Rejected[]> {
  const [only] = part
  if (part.length === 1 && only) return [{ item: only, error }]
  const half = Math.ceil(part.length / 2)
  const found: Rejected[] = []
  for (const piece of [part.slice(0, half), part.slice(half)]) {
    const rejected = await attempt(piece, options)
    if (rejected) found.push(...(await alone(piece, rejected, options)))
  }
  return found
}

function refusalOf({ item, error }: Rejected): Refusal {
  const said = error.message
  if (!error.past) return asRefusal(item, 'STORE', { code: 'REFUSED_BY_STORE', params: { said } })
  return asRefusal(item, 'PAST', { path: 'ts', code: 'TOO_OLD_FOR_STORE', params: { ts: item.reading.ts, said } })
}

/**
 * Finds what the store rejects of a part for its content; the rest is stored. A rejection is believed only once the store has
 * taken something else since, a neighbour or what the store's `ping` writes, and then rejects the reading again: whoever
 * refuses everything is not speaking of one reading.
 * @throws StoreUnavailableError when the store takes nothing else either: then nothing is refused
 */
export async function findRejected(
  part: readonly LiveReading[],
  error: StoreRejectedError,
  options: RunningStoreParts,
): Promise<Refusal[]> {
  const rejected = await alone(part, error, options)
  if (rejected.length === part.length) await options.store.ping()
  const refusals: Refusal[] = []
  for (const { item } of rejected) {
    const again = await attempt([item], options)
    if (again) refusals.push(refusalOf({ item, error: again }))
  }
  return refusals
}
