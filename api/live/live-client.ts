import type { Socket } from 'socket.io'
import type { AlertEvent } from '#telemetry/alert.ts'
import type { CommandRecord } from '#telemetry/command.ts'
import type { LampOverride } from '#telemetry/lamp-override.ts'
import type {
  ClientEvents,
  Health,
  LiveNewest,
  LiveReading,
  ServerEvents,
  Status,
  Subscription,
} from '#telemetry/live.ts'
import type { Person } from '#telemetry/people.ts'
import type { AlertsClient } from '../alerts-client/alerts-client.ts'
import type { LampOverrides, OverrideChanges } from '../commands/lamp-overrides.ts'
import type { ApiMetrics } from '../metrics.ts'
import type { SensorRegistry } from '../sensors/sensor-registry.ts'
import type { ShiftLog } from '../shift-log/shift-log.ts'

/** A connection to namespace `/live`. */
export type LiveSocket = Socket<ClientEvents, ServerEvents, Record<never, never>, LiveSocketData>

/** What is known of a connection. */
export interface LiveSocketData {
  person: Person
  /** cookie of the session that a one-time token began */
  session?: string
}

/** commands that wait for one client; the oldest goes first */
const maxQueuedCommands = 50

type Subject = Pick<Status, 'id' | 'district' | 'kind'>

/** Where the client's alerts come from. */
type AlertList = Pick<AlertsClient, 'all' | 'watching'>

/** steps of alerts that wait for one client; when there are more it gets the whole list instead */
const maxAlertEvents = 1_000

/** ms between two messages about alerts, at the least: one alone goes out at once, a flood in few messages */
const alertsEveryMs = 100

/** What the clients are served from. */
interface LiveClientParts {
  registry: SensorRegistry
  alerts: AlertList
  shiftLog: Pick<ShiftLog, 'state'>
  overrides: Pick<LampOverrides, 'list'>
  metrics: ApiMetrics
}

/** Whether a subscription asks for a sensor. */
function matcher(subscription: Subscription): (of: Subject) => boolean {
  const districts = subscription.districts && new Set(subscription.districts)
  const kinds = subscription.kinds && new Set(subscription.kinds)
  const sensors = subscription.sensors && new Set(subscription.sensors)
  return ({ id, district, kind }) =>
    (districts?.has(district) ?? true) && (kinds?.has(kind) ?? true) && (sensors?.has(id) ?? true)
}

/**
 * What one client is still to get: at most a snapshot, and the newest reading and status of each sensor. Nothing goes out
 * while the connection holds something unsent, so a client that reads slowly costs no memory beyond that.
 */
export class LiveClient {
  readonly #socket: LiveSocket
  readonly #registry: SensorRegistry
  readonly #alerts: AlertList
  readonly #allOverrides: Pick<LampOverrides, 'list'>
  readonly #metrics: ApiMetrics
  readonly #shiftLog: Pick<ShiftLog, 'state'>
  /** sensors with values that were not sent yet: what is held of each goes out, so nothing is lost between two batches */
  readonly #readings = new Set<string>()
  readonly #statuses = new Map<string, Status>()
  readonly #commands = new Map<string, CommandRecord>()
  /** overrides that are new, by lamp; undefined where one is over */
  readonly #overrides = new Map<string, LampOverride | undefined>()
  #subscription: Subscription | undefined
  #wants: (of: Subject) => boolean = () => false
  #snapshotDue = false
  #alertEvents: AlertEvent[] = []
  #alertsDue = false
  #alertsSentAt = Number.NEGATIVE_INFINITY
  #health: Health | undefined
  #shiftDue = false

  constructor(socket: LiveSocket, parts: LiveClientParts) {
    this.#socket = socket
    this.#registry = parts.registry
    this.#alerts = parts.alerts
    this.#allOverrides = parts.overrides
    this.#metrics = parts.metrics
    this.#shiftLog = parts.shiftLog
  }

  /** name of the person or program it is */
  get who(): string {
    return this.#socket.data.person.name
  }

  /** Replaces the subscription; the next flush sends its snapshot. */
  subscribe(subscription: Subscription): void {
    this.#subscription = subscription
    this.#wants = matcher(subscription)
    this.resync()
    this.resyncAlerts()
    this.queueShift()
  }

  /** Makes the next flush send a fresh snapshot instead of what is waiting. */
  resync(): void {
    this.#snapshotDue = this.#subscription !== undefined
    this.#readings.clear()
    this.#statuses.clear()
    this.#overrides.clear()
  }

  /** Makes the next flush send every open alert instead of the steps that are waiting. */
  resyncAlerts(): void {
    this.#alertsDue = this.#subscription !== undefined
    this.#alertEvents = []
  }

  /** Takes steps of alerts and sends them at once, unless some were sent just now. `now` is epoch ms. */
  queueAlertEvents(events: readonly AlertEvent[], now: number): void {
    if (!this.#subscription || this.#alertsDue) return
    for (const event of events) if (this.#wantsAlert(event.alert)) this.#alertEvents.push(event)
    if (this.#alertEvents.length > maxAlertEvents) this.resyncAlerts()
    else if (performance.now() - this.#alertsSentAt >= alertsEveryMs && this.#socket.conn.transport.writable)
      this.#flushAlerts(now)
  }

  queueReadings(readings: readonly LiveReading[]): void {
    if (!this.#subscription || this.#snapshotDue) return
    for (const { reading } of readings) {
      const { sensor: id, district, kind } = reading
      if (!this.#wants({ id, district, kind })) continue
      if (this.#readings.has(id)) this.#metrics.overwritten.inc()
      this.#readings.add(id)
    }
  }

  queueStatus(status: Status): void {
    if (this.#subscription && !this.#snapshotDue && this.#wants(status)) this.#statuses.set(status.id, status)
  }

  /** Takes a command with the lamps that have something new, when the client's person may command lamps. */
  queueCommand(progress: CommandRecord): void {
    if (!this.#socket.data.person.rights.includes('lamps:command')) return
    const held = this.#commands.get(progress.id)
    if (held) Object.assign(held.lamps, progress.lamps)
    else this.#commands.set(progress.id, { ...progress, lamps: { ...progress.lamps } })
    // a client that reads so slowly asks for the whole commands after its next snapshot
    for (const oldest of this.#commands.keys()) {
      if (this.#commands.size <= maxQueuedCommands) break
      this.#commands.delete(oldest)
    }
  }

  /** Makes the next flush send who is on duty. */
  queueShift(): void {
    this.#shiftDue = this.#subscription !== undefined
  }

  /** Takes which lamps follow a command, and which no longer do: of each the last alone goes out. */
  queueOverrides({ set, ended }: OverrideChanges): void {
    if (!this.#subscription || this.#snapshotDue) return
    for (const override of set) if (this.#wantsLamp(override)) this.#overrides.set(override.sensor, override)
    for (const sensor of ended) this.#overrides.set(sensor, undefined)
  }

  queueHealth(health: Health): void {
    this.#health = health
  }

  /** Sends what is waiting, when everything sent before has left. `now` is epoch ms. */
  flush(now: number): void {
    if (!this.#socket.conn.transport.writable) return
    if (this.#health) this.#socket.emit('health', this.#health)
    this.#health = undefined
    if (this.#snapshotDue) {
      this.#snapshotDue = false
      const overrides = this.#allOverrides.list().filter((override) => this.#wantsLamp(override))
      this.#socket.emit('snapshot', { now, sensors: this.#registry.list(this.#subscription), overrides })
    }
    this.#flushAlerts(now)
    if (this.#shiftDue) this.#socket.emit('shift', this.#shiftLog.state)
    this.#shiftDue = false
    for (const status of this.#statuses.values()) this.#socket.emit('status', status)
    this.#statuses.clear()
    this.#flushOverrides(now)
    for (const command of this.#commands.values()) this.#socket.emit('command', command)
    this.#commands.clear()
    if (this.#readings.size === 0) return
    this.#socket.emit('readings', { now, readings: [...this.#readings].flatMap((id) => this.#newestOf(id, now)) })
    this.#metrics.batches.inc()
    this.#metrics.readingsSent.inc(this.#readings.size)
    this.#readings.clear()
  }

  #flushOverrides(now: number): void {
    if (this.#overrides.size === 0) return
    const set = [...this.#overrides.values()].flatMap((override) => override ?? [])
    const ended = [...this.#overrides].flatMap(([sensor, override]) => (override ? [] : [sensor]))
    this.#overrides.clear()
    this.#socket.emit('overrides', { now, set, ended })
  }

  #wantsLamp({ sensor, district, kind }: LampOverride): boolean {
    return this.#wants({ id: sensor, district, kind })
  }

  #newestOf(id: string, now: number): LiveNewest[] {
    const { reading, arrivedAt = now, valueTimes } = this.#registry.get(id) ?? {}
    return reading ? [{ reading, arrivedAt, ...(valueTimes && { valueTimes }) }] : []
  }

  #flushAlerts(now: number): void {
    if (this.#alertsDue) {
      const alerts = this.#alerts.all().filter((alert) => this.#wantsAlert(alert))
      this.#socket.emit('alerts', { now, watching: this.#alerts.watching, alerts })
      this.#alertsDue = false
    } else if (this.#alertEvents.length > 0) {
      this.#alertsSentAt = performance.now()
      this.#socket.emit('alert', { now, events: this.#alertEvents })
    }
    this.#alertEvents = []
  }

  #wantsAlert({ sensors, district, kind }: AlertEvent['alert']): boolean {
    return sensors.some((id) => this.#wants({ id, district, kind }))
  }
}
