import { ConfigError, InUseError, StoreRejectedError, StoreUnavailableError } from '#telemetry/errors.ts'

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

/** What a failed statement means to the caller. */
export function storeFault(error: unknown): StoreRejectedError | StoreUnavailableError {
  const words = wordsOf(error)
  return /^(Conversion|Constraint|Out of Range|Invalid Input) Error/i.test(words)
    ? new StoreRejectedError(`DuckDB refuses the batch: ${words}`, error)
    : new StoreUnavailableError(`DuckDB cannot do this now: ${words}`, { cause: error })
}
