import { ConfigError, InUseError, PlatformError, StoreRejectedError, StoreUnavailableError } from '#telemetry/errors.ts'

function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}

/** Why a file could not be opened, in words that say what to do. */
export function openFault(path: string, error: unknown): ConfigError {
  const words = wordsOf(error)
  if (words.includes('lock on file'))
    return new InUseError(`DATA_DIR: another process uses the store "${path}"; stop it or choose another folder`, error)
  if (/version|not a valid DuckDB database|serialization/i.test(words))
    return new ConfigError(
      `DATA_DIR: the store "${path}" was written by another version (${words}); use the release that wrote it, or another DATA_DIR`,
      error,
    )
  return new ConfigError(`DATA_DIR: the store "${path}" cannot be opened (${words})`, error)
}

/** how DuckDB begins what it says, and how its bindings begin what they say for it */
const ofDuckdb = /^([A-Za-z]+ )+Error: |^Failed to /

/** Whether DuckDB failed, and not our own code on the way to it: the bindings throw that as it is, or as the cause. */
function isOfDuckdb(error: unknown): error is Error {
  return error instanceof Error && error.name === 'Error' && error.cause === undefined && ofDuckdb.test(error.message)
}

/** DuckDB's own mistake, after which the file has to be opened anew. */
const internal = /^INTERNAL Error/i

/** Whether DuckDB does nothing more before the file is opened anew. */
export function isFatal(error: unknown): boolean {
  return isOfDuckdb(error) && (internal.test(error.message) || /fatal|invalidated|IO Error/i.test(error.message))
}

/** What a failed statement means to the caller; what is none of DuckDB's faults stays what it is. */
export function storeFault(error: unknown): unknown {
  if (error instanceof PlatformError || !isOfDuckdb(error)) return error
  const words = wordsOf(error)
  return /^(Conversion|Constraint|Out of Range|Invalid Input) Error/i.test(words)
    ? new StoreRejectedError(`DuckDB refuses the batch: ${words}`, error)
    : new StoreUnavailableError(`DuckDB cannot do this now: ${words}`, { cause: error })
}

/** The same of a batch of readings: one at which DuckDB makes a mistake is refused, for it would make it again each time. */
export function batchFault(error: unknown): unknown {
  return isOfDuckdb(error) && internal.test(error.message)
    ? new StoreRejectedError(`DuckDB fails at this batch: ${wordsOf(error)}`, error)
    : storeFault(error)
}
