import type { Logger } from 'pino'
import { z } from 'zod'
import { paginateEvents } from '#storage/event-pagination.ts'
import { RunningStore } from '#storage/running-store.ts'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { type Alert, type AlertEvent, alertEventSchema, alertStates } from '#telemetry/alert.ts'
import { dayMs } from '#telemetry/durations.ts'
import { StoreRejectedError, StoreUnavailableError } from '#telemetry/errors.ts'
import { timestampSchema } from '#telemetry/reading-parts.ts'
import type { Backoff } from '#telemetry/retry/backoff.ts'
import type { AlertsMetrics } from '../metrics.ts'

/** Bounds and times of the log. */
export interface LogLimits {
  /** events that wait for the store; beyond it the oldest step of an alert gives way to its newest */
  maxWaiting: number
  /** events in one write */
  maxBatch: number
  /** ms that a write has which someone waits for */
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

/** ms that the clock may have been set back since a checkpoint */
const clockMs = 600_000

/** ms before the last step of all in which closed alerts are looked up where there is no checkpoint: a new session starts where the last one ended */
const closedMs = dayMs
/** alerts of one answer of a search */
const pageSize = 1_000
const openStates = alertStates.filter((state) => state !== 'closed')

/** Stands for "every alert open at `at` has an event from then on": nothing much older need be read to know them. */
const checkpointSchema = z.object({ type: z.literal('checkpoint'), at: timestampSchema })

/** The life of all alerts, kept in the store as the stream `alert`. */
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
    /** told whether the store takes what it is given */
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
      onFault: ({ error, waitMs }) => {
        this.#metrics.storeFaults.inc()
        this.#reportWrites(true)
        this.#log.warn({ err: error, waiting: this.#waiting.length, waitMs }, 'the store takes no alerts: trying again')
      },
      onSuccess: () => this.#reportWrites(false),
    })
  }

  /**
   * The last step of every alert that may be open, and of those closed lately, oldest first. A checkpoint tells from when on steps
   * need be read; without one the store searches what is open, for a long history must not hold up a start.
   */
  async load(): Promise<AlertEvent[]> {
    const [last] = await this.#store.readEvents({ stream: 'alert', limit: 1 })
    if (!last) return []
    const [newest] = await this.#store.readEvents({ stream: 'alert', subject: 'checkpoint', limit: 1 })
    const checkpoint = checkpointSchema.safeParse(newest?.body).data
    const steps = await this.#stepsSince(checkpoint ? checkpoint.at - clockMs : last.ts - closedMs)
    if (!checkpoint)
      for (const step of await this.#search(last.ts)) if (!steps.has(step.alert.id)) steps.set(step.alert.id, step)
    return [...steps.values()].sort((a, b) => a.at - b.at)
  }

  /** The last step of every alert that has one since then, by the alert's id. */
  async #stepsSince(from: number): Promise<Map<string, AlertEvent>> {
    const newest = new Map<string, AlertEvent>()
    let foreign = 0
    for await (const page of paginateEvents(this.#store, { stream: 'alert', from })) {
      for (const { body } of page) {
        if (checkpointSchema.safeParse(body).success) continue
        const event = alertEventSchema.safeParse(body)
        if (!event.success) foreign += 1
        else if ((newest.get(event.data.alert.id)?.alert.revision ?? 0) < event.data.alert.revision)
          newest.set(event.data.alert.id, event.data)
      }
    }
    if (foreign > 0) this.#log.warn({ foreign }, 'the store holds alert events of another shape: left out')
    return newest
  }

  /** What is open of all alerts that there ever were, as steps that say so again. */
  async #search(at: number): Promise<AlertEvent[]> {
    const span = { from: 0, to: Number.MAX_SAFE_INTEGER, now: at, open: [], state: openStates }
    const alerts: Alert[] = []
    let complete = true
    for (let total = 1; alerts.length < Math.min(total, this.#limits.maxWaiting); ) {
      const found = await this.#store.searchAlerts({ ...span, limit: pageSize, offset: alerts.length })
      alerts.push(...found.alerts)
      total = found.total
      complete = found.complete
      if (found.alerts.length === 0) break
    }
    if (!complete)
      this.#log.warn('the store holds more steps of alerts than one search looks at: the oldest are left out')
    return alerts.map((alert) => ({ type: 'carried', at: Math.min(at, alert.raisedAt), alert }))
  }

  /** Whether every step that was to be kept is in the store. */
  get isIdle(): boolean {
    return this.#waiting.length === 0
  }

  /** Keeps steps as soon as the store takes them. */
  append(events: readonly AlertEvent[]): void {
    for (const event of events) this.#waiting.push(storedEvent(event))
    if (this.#waiting.length > this.#limits.maxWaiting) this.#giveWay()
    this.#metrics.waiting.set(this.#waiting.length)
    this.#writing ??= this.#write()
  }

  /** Keeps steps now. @throws StoreUnavailableError when it is not known that they are on disk */
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

  /** Keeps what every open alert looks like, and that nothing older is needed. */
  async checkpoint(carried: readonly AlertEvent[], at: number): Promise<void> {
    await this.#store.appendEvents(carried.map(storedEvent))
    await this.#store.appendEvents([
      { stream: 'alert', id: `checkpoint-${at}`, ts: at, body: { type: 'checkpoint', at } },
    ])
  }

  /** Writes what waits, for at most `patienceMs`. Idempotent. */
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
        this.#letGo(batch)
      } catch (error) {
        if (error instanceof StoreRejectedError) {
          this.#metrics.storeFaults.inc()
          this.#reportWrites(false)
          // one step that never fits must not keep the others: they are tried one by one
          if (batch.length === 1) this.#reject(batch, error)
          size = 1
          continue
        }
        // closed while it waited: once more
        if (isLastTry) break
      }
      this.#metrics.waiting.set(this.#waiting.length)
    }
    this.#writing = undefined
  }

  #letGo(events: readonly StoredEvent[]): void {
    const gone = new Set(events)
    this.#waiting = this.#waiting.filter((event) => !gone.has(event))
  }

  #reject(events: readonly StoredEvent[], error: StoreRejectedError): void {
    this.#log.error({ err: error, ids: events.map(({ id }) => id) }, 'the store refuses a step of an alert: it is lost')
    this.#metrics.droppedSteps.inc(events.length)
    this.#letGo(events)
  }

  /** Of each alert only its newest step stays; when that is not enough, the oldest go. */
  #giveWay(): void {
    const before = this.#waiting.length
    const newest = new Map(this.#waiting.map((event) => [(event.body as AlertEvent).alert.id, event])) // made by storedEvent
    this.#waiting = [...newest.values()].slice(-this.#limits.maxWaiting)
    this.#metrics.droppedSteps.inc(before - this.#waiting.length)
  }
}

function storedEvent(body: AlertEvent): StoredEvent {
  return { stream: 'alert', id: `${body.alert.id}-${body.alert.revision}`, ts: body.at, body }
}
