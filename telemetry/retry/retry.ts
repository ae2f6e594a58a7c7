import { PlatformError, StoreUnavailableError } from '../errors.ts'
import { type Backoff, backoffMs } from './backoff.ts'
import { sleep } from './sleep.ts'

/** A failed try that will be followed by another. */
export interface RetryFault {
  error: unknown
  /** failed tries in a row, this one included */
  failures: number
  /** ms until the next try */
  waitMs: number
}

export interface RetryOptions {
  backoff: Backoff
  /** once it is aborted, a try that fails is the last one */
  signal: AbortSignal
  /** whether another try may help; {@link isRetryable} when absent */
  isRetryable?: (error: unknown) => boolean
  /** called with each fault that is followed by another try, before the wait */
  onFault?: (fault: RetryFault) => void
}

/** Whether another try may help: not for an error that says it does not. */
export function isRetryable(error: unknown): boolean {
  return !(error instanceof PlatformError) || error.retryable
}

/** ms to wait behind so many failed tries in a row: by back-off, or as long as the store has asked for. */
export function waitAfter(error: unknown, failures: number, backoff: Backoff): number {
  const askedMs = error instanceof StoreUnavailableError ? (error.retryAfterMs ?? 0) : 0
  return Math.max(askedMs, backoffMs(failures, backoff))
}

/**
 * Tries until it succeeds, with back-off and jitter; a store that asks for a longer wait gets it.
 * Rejects with the last error once another try does not help, or the signal is aborted.
 */
export async function retry<T>(task: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { backoff, signal, onFault } = options
  const mayHelp = options.isRetryable ?? isRetryable
  for (let failures = 1; ; failures++) {
    try {
      return await task()
    } catch (error) {
      if (signal.aborted || !mayHelp(error)) throw error
      const waitMs = waitAfter(error, failures, backoff)
      onFault?.({ error, failures, waitMs })
      await sleep(waitMs, signal)
      if (signal.aborted) throw error
    }
  }
}
