import { RunningStore } from '#storage/running-store.ts'
import { HealthFaults } from '#telemetry/health-faults.ts'
import { waitAtMost } from '#telemetry/retry/wait-at-most.ts'
import { SteadyClock } from '#telemetry/steady-clock.ts'
import { alertsMetrics } from './metrics.ts'
import type { AlertsOptions } from './options.ts'
import { type Session, startSession } from './session.ts'
import { WatchingCheck } from './watching-check.ts'

export interface Alerts {
  /** Says goodbye, writes what waits for the store, disconnects; the store stays open. Idempotent. */
  close(): Promise<void>
}

/** between two tries to read the store at the start */
const backoff = { firstMs: 500, longestMs: 10_000 }
/** ms that a start waits for the first try */
const firstTryMs = 500

/**
 * Starts watching the live feed. The state of former sessions is read from the store first; while that does not answer,
 * alerts tries again and monitors nothing, which apis and `faults` show. Resolves after the first try, or when a long past makes it last.
 */
export async function startAlerts(options: AlertsOptions): Promise<Alerts> {
  const stopping = new AbortController()
  let tried = () => {}
  const firstTry = new Promise<void>((resolve) => {
    tried = resolve
  })
  const { faults = new HealthFaults() } = options
  let session: Session | undefined
  const check = new WatchingCheck(() => session?.isWatching ?? false, faults.switchOf('ALERTS_NOT_WATCHING'))
  const opening = start({ ...options, faults }, stopping.signal, tried).then((opened) => {
    session = opened
  })
  await waitAtMost(firstTry, firstTryMs)
  let closing: Promise<void> | undefined
  return {
    close() {
      stopping.abort()
      check.close()
      closing ??= opening.then(() => session?.close())
      return closing
    },
  }
}

/** Tries until the store answers; undefined when it was stopped before. */
async function start(
  options: AlertsOptions & { faults: HealthFaults },
  signal: AbortSignal,
  tried: () => void,
): Promise<Session | undefined> {
  const metrics = alertsMetrics(options.registry)
  const steady = new SteadyClock()
  const running = new RunningStore({
    ...{ store: options.store, backoff, signal, metrics: metrics.runningStore },
    onFault({ error, waitMs }) {
      options.log.warn({ err: error, waitMs }, 'alerts cannot read the store: nothing is watched; trying again')
      tried()
    },
  })
  try {
    return await running.retry(
      () => startSession({ ...options, metrics, clock: options.clock ?? steady.now, steady }),
      () => true,
    )
  } catch {
    return undefined // it is stopping: any other fault is tried again
  } finally {
    tried()
  }
}
