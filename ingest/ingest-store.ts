import type { Logger } from 'pino'
import { RunningStore } from '#storage/running-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { IngestMetrics } from './metrics.ts'

/** between two tries of one call */
const backoff = { firstMs: 200, longestMs: 5_000 }

/** What writing to the store takes. */
export interface StoreOptions {
  store: TelemetryStore
  metrics: IngestMetrics
  log: Logger
  /** aborted at the end of ingest: nothing is tried again then, and what is not stored stays in the journal */
  signal: AbortSignal
  /** told whether the store takes what it is given */
  reportWrites?: (failing: boolean) => void
}

/** The same with a store whose calls are tried again until ingest ends. */
export interface RunningStoreParts extends Omit<StoreOptions, 'store'> {
  store: RunningStore
}

/** Wraps the store: while it takes nothing now, ingest waits, for the journal keeps what waits. */
export function withRunningStore<T extends StoreOptions>(options: T): Omit<T, 'store'> & RunningStoreParts {
  const { store, metrics, log, signal, reportWrites } = options
  const running = new RunningStore({
    ...{ store, backoff, signal, metrics: metrics.runningStore },
    onFault({ error, waitMs }) {
      reportWrites?.(true)
      log.warn({ err: error, waitMs }, 'the store takes nothing now; the journal keeps what waits')
    },
    onSuccess: () => reportWrites?.(false),
  })
  return { ...options, store: running }
}
