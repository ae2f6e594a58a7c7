/** An error with a stable code; whether trying again may help is a fact about the fault. */
export class PlatformError extends Error {
  readonly code: string
  readonly retryable: boolean

  constructor(code: string, message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = new.target.name
    this.code = code
    this.retryable = options.retryable
  }
}

/** A setting is missing or wrong. The message names the variable, what it holds and what it may hold. */
export class ConfigError extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super('CONFIG', message, { retryable: false, cause })
  }
}

/** Another process holds what a setting names, and it cannot be shared: stop that process, or name something else. */
export class InUseError extends ConfigError {}

/** Something the platform needs does not answer. */
export class UnreachableError extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super('UNREACHABLE', message, { retryable: true, cause })
  }
}

/** The store cannot take or give anything now. */
export class StoreUnavailableError extends PlatformError {
  /** ms to wait before the next try, when the store said so */
  readonly retryAfterMs: number | undefined
  /** whether what was asked for is larger than is taken at once: less of it may pass */
  readonly tooLarge: boolean
  constructor(message: string, options: { cause?: unknown; retryAfterMs?: number; tooLarge?: boolean } = {}) {
    super('STORE_UNAVAILABLE', message, { retryable: true, cause: options.cause })
    this.retryAfterMs = options.retryAfterMs
    this.tooLarge = options.tooLarge ?? false
  }
}

/** The store refuses these readings for what they hold; trying again does not help. */
export class StoreRejectedError extends PlatformError {
  /** whether it is because they were measured longer ago than the store keeps readings */
  readonly past: boolean
  constructor(message: string, cause?: unknown, { past = false } = {}) {
    super('STORE_REJECTED', message, { retryable: false, cause })
    this.past = past
  }
}

/** The journal holds as many bytes as it may. */
export class JournalFullError extends PlatformError {
  constructor(message: string) {
    super('JOURNAL_FULL', message, { retryable: true })
  }
}
