import { PlatformError } from '#telemetry/errors.ts'

/** What was asked for is not there. */
export class NotThereError extends PlatformError {
  constructor(message: string) {
    super('NOT_FOUND', message, { retryable: false })
  }
}

/** Execution took longer than the limit. */
export class TooSlowError extends PlatformError {
  constructor(message: string) {
    super('TOO_SLOW', message, { retryable: true })
  }
}

/** Whoever asked waits for the answer no longer. */
export class GivenUpError extends PlatformError {
  constructor() {
    super('GONE', 'the asker has gone', { retryable: false })
  }
}

/** Somebody else changed it in the meantime, or there is one already. */
export class ConflictError extends PlatformError {
  constructor(message: string) {
    super('CONFLICT', message, { retryable: false })
  }
}
