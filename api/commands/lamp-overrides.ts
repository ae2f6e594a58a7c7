import type { Logger } from 'pino'
import { appendLampOrders, LampOrders, maxLampOrders, writeLampOrderCheckpoint } from '#storage/lamp-orders.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { maxOrderMs } from '#telemetry/command.ts'
import { CoalescedTask } from '#telemetry/concurrency/coalesced-task.ts'
import { hourMs } from '#telemetry/durations.ts'
import { StoreRejectedError } from '#telemetry/errors.ts'
import type { AcknowledgedOrder, LampOverride } from '#telemetry/lamp-override.ts'
import type { ApiMetrics } from '../metrics.ts'
import type { SensorRegistry } from '../sensors/sensor-registry.ts'
import { maxUnmatched, type SentOrder, UnmatchedAcknowledgements } from './unmatched-acknowledgements.ts'

/** ms between two looks at which overrides are over */
const tickMs = 500
/** ms between two looks at what other processes of the api have stored, and between two tries to store */
const storeEveryMs = 2_000
/** ms between two checkpoints: a start reads what came since the last one */
const checkpointMs = 6 * hourMs

/** Which overrides have begun or are different, and the lamps whose override is over. */
export interface OverrideChanges {
  set: LampOverride[]
  /** ids of lamps */
  ended: string[]
}

interface LampOverridesParts {
  store: TelemetryStore
  sensors: Pick<SensorRegistry, 'get'>
  metrics: ApiMetrics
  log: Logger
  /** epoch ms */
  clock: () => number
}

/**
 * Which lamps do not follow their schedule but an order: manual overrides. An order counts from when its lamp has acknowledged it. It is
 * in the store at once, where other processes of the api and alerts find it; while the store is away the last one of each lamp waits.
 */
export class LampOverrides {
  readonly #parts: LampOverridesParts
  readonly #orders = new LampOrders()
  /** orders that are not in the store yet, by lamp */
  readonly #waiting = new Map<string, AcknowledgedOrder>()
  readonly #unmatched = new UnmatchedAcknowledgements()
  /** what was announced last, by lamp */
  #announced = new Map<string, LampOverride>()
  readonly #listeners: ((changes: OverrideChanges) => void)[] = []
  readonly #exchange = new CoalescedTask(() => this.#exchangeWithStore())
  readonly #timers: NodeJS.Timeout[] = []
  #checkpointAt = Number.NEGATIVE_INFINITY

  constructor(parts: LampOverridesParts) {
    this.#parts = parts
    parts.metrics.lampOverridesLimit.set(maxLampOrders)
    parts.metrics.unmatchedAcknowledgementsLimit.set(maxUnmatched)
  }

  /** Reads what is in force, and follows the store until it is closed. A store that is away is asked again. */
  open(): void {
    this.#timers.push(
      setInterval(() => this.#announce(), tickMs),
      setInterval(() => this.#exchange.request(), storeEveryMs),
    )
    this.#exchange.request()
  }

  /** A lamp has acknowledged a command: from now on it does what that says. */
  acknowledge(sent: SentOrder, sensor: string): void {
    this.#begin(sent, sensor, Math.max(this.#parts.clock(), (this.#orders.get(sensor)?.since ?? 0) + 1))
  }

  /** A lamp has acknowledged a command that this process does not know: another may have been killed after it sent it. */
  acknowledgeUnknown(command: string, sensor: string): void {
    const { clock, metrics } = this.#parts
    this.#unmatched.add({ sensor, command, at: clock() })
    metrics.unmatchedAcknowledgements.set(this.#unmatched.size)
  }

  #begin({ id, order, by, comment }: SentOrder, sensor: string, since: number): void {
    const lamp = this.#parts.sensors.get(sensor)
    if (!lamp) return
    const said = { ...(comment ? { comment } : {}) }
    const { district, kind } = lamp
    const acknowledged = { sensor, district, kind, command: id, order, by, since, ...said }
    this.#orders.apply(acknowledged)
    this.#waiting.set(sensor, acknowledged)
    // one by one they would be as many writes as lamps
    setImmediate(() => {
      this.#announce()
      this.#exchange.request()
    })
  }

  /** Every override, the newest first. */
  list(): LampOverride[] {
    const overrides = this.#orders.overrides(this.#parts.clock())
    return overrides.sort((a, b) => b.since - a.since || (a.sensor < b.sensor ? -1 : 1))
  }

  /** Calls back after each change, also by another process or by time. */
  onChange(listener: (changes: OverrideChanges) => void): void {
    this.#listeners.push(listener)
  }

  /** Stores what waits, once more. Idempotent. */
  async close(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer)
    await this.#exchange.idle()
    if (this.#waiting.size > 0) this.#exchange.request()
    await this.#exchange.idle()
  }

  #announce(): void {
    const now = new Map(this.#orders.overrides(this.#parts.clock()).map((override) => [override.sensor, override]))
    const before = this.#announced
    this.#announced = now
    this.#parts.metrics.lampOverrides.set(now.size)
    const set = [...now.values()].filter(({ sensor, since }) => before.get(sensor)?.since !== since)
    const ended = [...before.keys()].filter((sensor) => !now.has(sensor))
    if (set.length + ended.length > 0) for (const listener of this.#listeners) listener({ set, ended })
  }

  /** What is in force, without what a lamp that is no longer here was told long ago: no command could end it. */
  #lasting(now: number): LampOverride[] {
    const { sensors } = this.#parts
    return this.#orders.overrides(now).filter(({ sensor, since }) => sensors.get(sensor) || since > now - maxOrderMs)
  }

  /** Writes what waits, and reads what others have written. */
  async #exchangeWithStore(): Promise<void> {
    const { store, metrics, log, clock } = this.#parts
    try {
      await this.#write()
      await this.#orders.refresh(store)
      const now = clock()
      await this.#beginUnmatched(now)
      this.#announce()
      if (now - this.#checkpointAt < checkpointMs) return
      await writeLampOrderCheckpoint(store, this.#lasting(now), now)
      this.#checkpointAt = now
    } catch (error) {
      metrics.lampOrderFaults.inc()
      log.warn({ err: error }, 'the store does not take or give the orders of lamps now; trying again')
    }
  }

  /** Begins overrides by commands of a process that is gone. */
  async #beginUnmatched(now: number): Promise<void> {
    const { store, metrics } = this.#parts
    const matched = await this.#unmatched.match(store, now, ({ sensor, command, at }) => {
      const held = this.#orders.get(sensor)
      return held !== undefined && (held.command === command || held.since >= at)
    })
    metrics.unmatchedAcknowledgements.set(this.#unmatched.size)
    for (const { sent, sensor, at } of matched)
      if (at > (this.#orders.get(sensor)?.since ?? 0)) this.#begin(sent, sensor, at)
  }

  async #write(): Promise<void> {
    const { store, metrics, log, clock } = this.#parts
    const due = [...this.#waiting.values()]
    metrics.lampOrdersWaiting.set(due.length)
    if (due.length === 0) return
    try {
      await appendLampOrders(store, due, clock())
    } catch (error) {
      if (!(error instanceof StoreRejectedError)) throw error
      log.error({ err: error, orders: due.length }, 'the store refuses orders of lamps: a restart will not know them')
    }
    // a later order may have come meanwhile
    for (const order of due) if (this.#waiting.get(order.sensor) === order) this.#waiting.delete(order.sensor)
    metrics.lampOrdersWaiting.set(this.#waiting.size)
  }
}
