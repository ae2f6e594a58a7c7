import type { Logger } from 'pino'
import { RunningStore } from '#storage/running-store.ts'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import type { AlertEvent } from '#telemetry/alert.ts'
import { StoreRejectedError, StoreUnavailableError } from '#telemetry/errors.ts'
import type { Backoff } from '#telemetry/retry/backoff.ts'
import type { AlertsMetrics } from '../metrics.ts'

/** Bounds and times of the log. */
export interface LogLimits {
  /** events that wait for the store; beyond it the older events of an alert are dropped for its newest */
  maxWaiting: number
  /** events in one write */
  maxBatch: number
  /** longest time of a write that an operator waits for, ms */
  patienceMs: number
  /** between two tries */
  retry: Backoff
}

export const logLimits: LogLimits = {
  maxWaiting: 20_000,
  maxBatch: 1_000,
  patienceMs: 4_000,
  retry: { firstMs: 250, longestMs: 10_000 },
}

/** Writes the life of all alerts to the store, as the stream `alert`; `loadAlertLog` reads it. */
export class AlertLog {
  readonly #store: TelemetryStore
  readonly #metrics: AlertsMetrics
  readonly #log: Logger
  readonly #limits: LogLimits
  readonly #reportWrites: (failing: boolean) => void
  readonly #running: RunningStore
  readonly #stopping = new AbortController()
  #waiting: StoredEvent[] = []
  #writing: Promise<void> | undefined

  constructor(options: {
    store: TelemetryStore
    metrics: AlertsMetrics
    log: Logger
    limits?: LogLimits
    /** called with whether writing to the store fails */
    reportWrites?: (failing: boolean) => void
  }) {
    this.#store = options.store
    this.#metrics = options.metrics
    this.#log = options.log
    this.#limits = options.limits ?? logLimits
    this.#reportWrites = options.reportWrites ?? (() => {})
    this.#metrics.waitingLimit.set(this.#limits.maxWaiting)
    this.#running = new RunningStore({
      ...{ store: this.#store, backoff: this.#limits.retry, signal: this.#stopping.signal },
      metrics: this.#metrics.runningStore,
      onFault: ({ error, waitMs }) => {
        this.#metrics.storeFaults.inc()
        this.#reportWrites(true)
        this.#log.warn({ err: error, waiting: this.#waiting.length, waitMs }, 'the store takes no alerts: trying again')
      },
      onSuccess: () => this.#reportWrites(false),
    })
  }

  /** Whether every event is in the store. */
  get isIdle(): boolean {
    return this.#waiting.length === 0
  }

  /** Appends events, which are written as soon as the store accepts them. */
  append(events: readonly AlertEvent[]): void {
    for (const event of events) this.#waiting.push(storedEvent(event))
    if (this.#waiting.length > this.#limits.maxWaiting) this.#dropOldest()
    this.#metrics.waiting.set(this.#waiting.length)
    this.#writing ??= this.#write()
  }

  /** Appends events at once. @throws StoreUnavailableError when it is not known that they are on disk */
  async appendNow(events: readonly AlertEvent[]): Promise<void> {
    const late = AbortSignal.timeout(this.#limits.patienceMs)
    const writing = this.#store.appendEvents(events.map(storedEvent))
    await Promise.race([
      writing,
      new Promise((_resolve, reject) =>
        late.addEventListener('abort', () => reject(new StoreUnavailableError('the store did not answer in time'))),
      ),
    ])
  }

  /** Writes every open alert as it is, and that nothing older is needed. */
  async checkpoint(carried: readonly AlertEvent[], at: number): Promise<void> {
    await this.#store.appendEvents(carried.map(storedEvent))
    await this.#store.appendEvents([
      { stream: 'alert', id: `checkpoint-${at}`, ts: at, body: { type: 'checkpoint', at } },
    ])
  }

  /** Writes what waits, once more; what the store does not take then is given up, counted and logged. Idempotent. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#writing
  }

  async #write(): Promise<void> {
    let size = this.#limits.maxBatch
    while (this.#waiting.length > 0) {
      const isLastTry = this.#stopping.signal.aborted
      let batch: StoredEvent[] = []
      const append = () => {
        batch = this.#waiting.slice(0, size)
        return this.#store.appendEvents(batch)
      }
      try {
        await this.#running.retry(append, (error) => !(error instanceof StoreRejectedError))
        size = this.#limits.maxBatch
        this.#forget(batch)
      } catch (error) {
        if (error instanceof StoreRejectedError) {
          this.#metrics.storeFaults.inc()
          this.#reportWrites(false)
          // one event that is never accepted must not block the others: they are tried one by one
          if (batch.length === 1) this.#reject(batch, error)
          size = 1
          continue
        }
        // closed while it waited: once more
        if (isLastTry) {
          this.#reportGivenUp(error)
          break
        }
      }
      this.#metrics.waiting.set(this.#waiting.length)
    }
    this.#writing = undefined
  }

  #forget(events: readonly StoredEvent[]): void {
    const gone = new Set(events)
    this.#waiting = this.#waiting.filter((event) => !gone.has(event))
  }

  #reject(events: readonly StoredEvent[], error: StoreRejectedError): void {
    this.#log.error({ err: error, ids: events.map(({ id }) => id) }, 'the store refuses a step of an alert: it is lost')
    this.#metrics.droppedSteps.inc(events.length)
    this.#forget(events)
  }

  /** Closed before the store had them: they still count as waiting, so that the next start evaluates their time once more. */
  #reportGivenUp(error: unknown): void {
    const lost = this.#waiting.length
    this.#metrics.storeFaults.inc()
    this.#metrics.droppedSteps.inc(lost)
    this.#log.error(
      { err: error, lost },
      'the store took no alerts until the end: these steps of alerts are not stored',
    )
  }

  /** Of each alert only the newest event stays; when that is not enough, the oldest are dropped. */
  #dropOldest(): void {
    const before = this.#waiting.length
    const newest = new Map(this.#waiting.map((event) => [(event.body as AlertEvent).alert.id, event])) // made by storedEvent
    this.#waiting = [...newest.values()].slice(-this.#limits.maxWaiting)
    this.#metrics.droppedSteps.inc(before - this.#waiting.length)
  }
}

function storedEvent(body: AlertEvent): StoredEvent {
  return { stream: 'alert', id: `${body.alert.id}-${body.alert.revision}`, ts: body.at, body }
}
