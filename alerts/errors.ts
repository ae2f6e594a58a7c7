import { PlatformError } from '#telemetry/errors.ts'
import type { RequestFault } from '#telemetry/faults/request-faults.ts'
import { sayRequestFault } from '#telemetry/faults/request-words.ts'

/** alerts that a refusal names; the others are counted */
const maxNamedAlerts = 3

/** A request is refused. The fault goes to whoever asked; the message says it in English. */
export class RefusedError extends PlatformError {
  readonly fault: RequestFault
  constructor(code: string, fault: RequestFault, { retryable }: { retryable: boolean }) {
    super(code, sayRequestFault('en', fault), { retryable })
    this.fault = fault
  }
}

/** What was asked for is not there. */
export class NotThereError extends RefusedError {
  constructor(fault: RequestFault) {
    super('NOT_FOUND', fault, { retryable: false })
  }
}

/** Execution took longer than the limit. */
export class TooSlowError extends RefusedError {
  constructor(fault: RequestFault) {
    super('TOO_SLOW', fault, { retryable: true })
  }
}

/** Whoever asked waits for the answer no longer. */
export class GivenUpError extends PlatformError {
  constructor() {
    super('GONE', 'the asker has gone', { retryable: false })
  }
}

/** Somebody else changed it in the meantime, or there is one already. */
export class ConflictError extends RefusedError {
  constructor(fault: RequestFault) {
    super('CONFLICT', fault, { retryable: false })
  }
}

/** A critical alert is to be shelved, and nobody says why. */
export class ReasonNeededError extends RefusedError {
  /** `ids`: the alerts that need a reason */
  constructor(ids: readonly string[]) {
    const named = ids.slice(0, maxNamedAlerts)
    const params = { ids: named, more: ids.length - named.length }
    super('INVALID_REQUEST', { path: 'body.comment', code: 'REASON_NEEDED', params }, { retryable: false })
  }
}
