import { PlatformError } from '#telemetry/errors.ts'

/** What was asked for is not there. */
export class NotThereError extends PlatformError {
  constructor(message: string) {
    super('NOT_FOUND', message, { retryable: false })
  }
}

/** Somebody else changed it in the meantime, or there is one already. */
export class ConflictError extends PlatformError {
  constructor(message: string) {
    super('CONFLICT', message, { retryable: false })
  }
}
