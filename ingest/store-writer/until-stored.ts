import type { Logger } from 'pino'
import type { TelemetryStore } from '#storage/store.ts'
import { PlatformError, StoreUnavailableError } from '#telemetry/errors.ts'
import type { IngestMetrics } from '../metrics.ts'

const firstDelayMs = 200
const maxDelayMs = 5_000

/** What writing to the store takes. */
export interface StoreOptions {
  store: TelemetryStore
  metrics: IngestMetrics
  log: Logger
  signal: AbortSignal
  /** told whether the store takes what it is given */
  reportWrites?: (failing: boolean) => void
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}

/** Tries until it succeeds, with back-off and jitter; only a rejection for content, or the end of ingest, gets out. */
export async function untilStored(task: () => Promise<void>, options: StoreOptions): Promise<void> {
  for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
    try {
      await task()
      options.reportWrites?.(false)
      return
    } catch (error) {
      if (options.signal.aborted || (error instanceof PlatformError && !error.retryable)) throw error
      options.metrics.retries.inc()
      options.reportWrites?.(true)
      options.log.warn({ err: error }, 'the store takes nothing now; the journal keeps what waits')
      const asked = error instanceof StoreUnavailableError ? (error.retryAfterMs ?? 0) : 0
      await sleep(Math.max(asked, delayMs * (0.5 + Math.random() / 2)), options.signal)
      if (options.signal.aborted) throw error
    }
  }
}
