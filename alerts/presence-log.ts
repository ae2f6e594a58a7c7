import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { minuteMs } from '#telemetry/durations.ts'
import { StoreRejectedError } from '#telemetry/errors.ts'
import { type PresenceChange, type PresenceEvent, presenceSpanMs } from '#telemetry/presence.ts'
import { RepeatedTask } from '#telemetry/retry/repeated-task.ts'
import type { AlertsMetrics } from './metrics.ts'

/** ms between two looks at what is to be written: the moments of a replay are whole seconds */
const writeEveryMs = 1_000
/** changes in one write from which on the next one waits longer, and by how much: sensors that flap cost no more than that */
const flap = { changes: 200, restMs: 5_000 }
/** between two writes that fail */
const backoff = { firstMs: flap.restMs, longestMs: flap.restMs }
/** ms between two lists of all who are offline: nothing older need be read to know them */
const checkpointMs = 15 * minuteMs
/** sensors in one event: InfluxDB takes 64 kB */
const maxInEvent = 400

interface PresenceLogOptions {
  store: TelemetryStore
  metrics: AlertsMetrics
  log: Logger
  /** epoch ms */
  clock: () => number
  /** most sensors kept in mind */
  maxSensors: number
  /** called with whether writing to the store fails */
  reportWrites?: (failing: boolean) => void
}

/**
 * Records in the store which sensor was offline when, so that a replay shows it as the map did. Of each sensor only the last change in each
 * second is kept, or in five while many flap; while the store is away the last one of each sensor waits.
 */
export class PresenceLog {
  readonly #options: PresenceLogOptions
  readonly #offline = new Set<string>()
  /** what is to be written: of each sensor the last change in a second, or the last of all */
  readonly #waiting = new Map<string, PresenceChange>()
  #started = false
  readonly #writing = new RepeatedTask({
    task: () => this.#write(),
    ...{ everyMs: writeEveryMs, backoff },
    onFault: ({ waitMs }) => this.#rest(waitMs),
  })
  /** until when no write is due, on the clock of `performance` */
  #restUntil = 0
  #checkpointAt = Number.NEGATIVE_INFINITY

  constructor(options: PresenceLogOptions) {
    this.#options = options
    options.metrics.presenceLimit.set(options.maxSensors)
  }

  /** Every sensor has said once how it is: that is the first checkpoint, and from now on changes count. */
  start(): void {
    this.#started = true
    void this.#writing.run()
  }

  /** Records the connection of a sensor; the same once more is no change. */
  record(sensor: string, isOffline: boolean): void {
    if (this.#offline.has(sensor) === isOffline) return
    if (isOffline && this.#offline.size >= this.#options.maxSensors) {
      this.#options.metrics.presenceRefused.inc()
      return
    }
    if (isOffline) this.#offline.add(sensor)
    else this.#offline.delete(sensor)
    if (!this.#started) return
    const now = this.#options.clock()
    // also while a store that hangs lets them pile up
    const isScarce = performance.now() < this.#restUntil || this.#waiting.size >= this.#options.maxSensors
    this.#waiting.set(isScarce ? sensor : `${sensor} ${Math.floor(now / 1_000)}`, [sensor, now, isOffline])
    this.#options.metrics.presenceWaiting.set(this.#waiting.size)
  }

  /** Writes what waits, once more. Idempotent. */
  async close(): Promise<void> {
    await this.#writing.close()
    if (this.#started) await this.#write().catch(() => {}) // it has said so
  }

  #rest(ms: number): void {
    this.#restUntil = performance.now() + ms
  }

  /** Writes what waits; resolves with the ms until the next write. Rejects when the store does not take it. */
  async #write(): Promise<number> {
    const { store, metrics, log, clock, reportWrites } = this.#options
    const now = clock()
    const isDue = now - this.#checkpointAt >= checkpointMs
    const changes = [...this.#waiting.values()]
    const events = [...changeEvents(changes), ...(isDue ? checkpointEvents([...this.#offline], now) : [])]
    if (events.length === 0) {
      reportWrites?.(false)
      return writeEveryMs
    }
    this.#waiting.clear()
    const restMs = changes.length > flap.changes ? flap.restMs : writeEveryMs
    this.#rest(restMs - writeEveryMs)
    try {
      await store.appendEvents(events)
      if (isDue) this.#checkpointAt = now
      reportWrites?.(false)
      return restMs
    } catch (error) {
      metrics.storeFaults.inc()
      reportWrites?.(!(error instanceof StoreRejectedError))
      log.warn({ err: error, changes: changes.length }, 'the store does not take who came and went')
      if (!(error instanceof StoreRejectedError)) this.#queueNewest(changes)
      throw error
    } finally {
      metrics.presenceWaiting.set(this.#waiting.size)
    }
  }

  /** Queues these for the next write, of each sensor only what it said last. */
  #queueNewest(changes: readonly PresenceChange[]): void {
    const all = [...changes, ...this.#waiting.values()]
    this.#waiting.clear()
    for (const change of all.sort(byTime)) this.#waiting.set(change[0], change)
  }
}

const byTime = ([, a]: PresenceChange, [, b]: PresenceChange) => a - b

/** An event for each span of time and so many changes. */
function changeEvents(changes: readonly PresenceChange[]): StoredEvent[] {
  const events: StoredEvent[] = []
  let held: PresenceChange[] = []
  for (const change of changes.toSorted(byTime)) {
    const [first = change] = held
    if (held.length >= maxInEvent || change[1] - first[1] >= presenceSpanMs) held = []
    held.push(change)
    if (held.length === 1) events.push(presenceEvent(change[1], { type: 'changes', changes: held }))
  }
  return events
}

function checkpointEvents(offline: readonly string[], at: number): StoredEvent[] {
  const parts = Math.max(1, Math.ceil(offline.length / maxInEvent))
  return Array.from({ length: parts }, (_, part) =>
    presenceEvent(at, {
      ...{ type: 'checkpoint', parts },
      offline: offline.slice(part * maxInEvent, (part + 1) * maxInEvent),
    }),
  )
}

function presenceEvent(ts: number, body: PresenceEvent): StoredEvent {
  return { stream: 'presence', id: randomUUID(), ts, body }
}
