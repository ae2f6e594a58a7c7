import type { Alert } from '#telemetry/alert.ts'
import type { AlertRule } from '#telemetry/alert-rule.ts'
import { effectiveTime } from '#telemetry/clock.ts'
import type { ClockHours } from '#telemetry/clock-hours.ts'
import { type ConnectionState, connectionOf, type HeardStatus, hearStatus } from '#telemetry/connection.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import type { SensorTopic } from '#telemetry/topics.ts'
import type { AlertsMetrics } from '../metrics.ts'
import type { AlarmTransitions } from '../state/alarm-transitions.ts'
import { MonitoredSensor, type ReportedPlace } from './monitored-sensor.ts'
import { assignRules } from './rule-assignment.ts'
import type { SilenceMonitor } from './silence-monitor.ts'

/** A sensor at its place. */
export type SensorIdentity = Pick<SensorTopic, 'sensor' | 'district' | 'kind'>

interface MonitoredSensorsOptions {
  transitions: AlarmTransitions
  metrics: AlertsMetrics
  /** epoch ms */
  clock: () => number
  maxSensors: number
  /** of the city's clock */
  hours?: ClockHours
  silence: SilenceMonitor
  /** called when a sensor goes offline, or is online again */
  onPresence?: (sensor: string, isOffline: boolean) => void
  /** called with what a sensor says of itself at the place where it is; undefined: it was removed */
  onMeta?: (of: SensorIdentity, meta: SensorMeta | undefined) => void
}

/**
 * The sensors that are monitored, each at the one place its newest reading is from. Meta and status of another place, such as what
 * the broker still retains of a former one, change nothing until a reading comes from there.
 */
export class MonitoredSensors {
  readonly #options: MonitoredSensorsOptions
  readonly #sensors = new Map<string, MonitoredSensor>()
  #rules = new Map<string, AlertRule>()

  constructor(options: MonitoredSensorsOptions) {
    this.#options = options
    options.metrics.maxSensors.set(options.maxSensors)
  }

  get bySensor(): ReadonlyMap<string, MonitoredSensor> {
    return this.#sensors
  }

  get(sensor: string): MonitoredSensor | undefined {
    return this.#sensors.get(sensor)
  }

  values(): Iterable<MonitoredSensor> {
    return this.#sensors.values()
  }

  /** Replaces the rules, all of which are enabled. */
  setRules(rules: readonly AlertRule[]): void {
    this.#rules = new Map(rules.map((rule) => [rule.id, rule]))
    this.#options.metrics.rules.set(this.#rules.size)
    for (const sensor of this.#sensors.values()) this.#assign(sensor)
  }

  /** The monitored sensor of a live reading, or of one that is caught up with; undefined when the sensor is not monitored at that place. */
  ofReading(reading: Reading, arrivedAt?: number): MonitoredSensor | undefined {
    const known = this.#sensors.get(reading.sensor)
    if (known && !known.isAt(reading) && isNewer(known, reading, arrivedAt)) this.#clearAlertsOf(known)
    return this.#sensorAt(reading, arrivedAt)
  }

  /** As {@link ofReading} for a reading of the past, which clears nothing: {@link clearUnmonitored} does, after the last one. */
  ofPastReading(reading: Reading): MonitoredSensor | undefined {
    return this.#sensorAt(reading, undefined)
  }

  /** The meta of a sensor; undefined: the sensor was removed, and its alerts are over. */
  updateMeta(of: SensorIdentity, meta: SensorMeta | undefined): void {
    const known = this.#sensors.get(of.sensor)
    if (known && !known.isAt(of)) {
      known.recordElsewhere(of, { meta })
      return
    }
    if (meta === undefined) {
      this.#options.onMeta?.(of, undefined)
      if (known) this.#remove(known)
      return
    }
    const sensor = known ?? this.#add(of)
    if (!sensor) return
    const hadPeriod = sensor.meta?.period
    sensor.meta = meta
    this.#assign(sensor)
    if (meta.period !== hadPeriod)
      for (const silence of sensor.silences.values()) this.#options.silence.schedule(silence)
    this.#options.onMeta?.(of, meta)
  }

  /** The status of a sensor's connection; undefined: it was removed. */
  updateConnection(of: SensorIdentity, heard: HeardStatus | undefined): void {
    const sensor = this.#sensors.get(of.sensor) ?? this.#add(of)
    if (!sensor) return
    if (sensor.isAt(of)) this.setConnection(sensor, heard && hearStatus(sensor.connection, heard))
    else sensor.recordElsewhere(of, { connection: heard && hearStatus(sensor.reportedAt(of)?.connection, heard) })
  }

  /** Sets the connection of a sensor, and reports a change between online and offline. */
  setConnection(sensor: MonitoredSensor, connection: ConnectionState | undefined): void {
    const wasOffline = connectionOf(sensor.connection) === 'offline'
    sensor.connection = connection
    const isOffline = connectionOf(connection) === 'offline'
    if (isOffline !== wasOffline) this.#options.onPresence?.(sensor.id, isOffline)
  }

  /** Clears the alerts whose rule was removed, disabled, or has another condition now, and those of sensors that are elsewhere now. */
  clearUnmonitored(): void {
    for (const alert of this.#options.transitions.states.all())
      if (alert.clearedAt === undefined && !this.#isMonitored(alert)) this.#clear(alert.id)
  }

  #isMonitored({ rule: id, cause, sensors, district, kind, ward }: Alert): boolean {
    const rule = this.#rules.get(id)
    if (!rule || rule.condition.type !== cause) return false
    return sensors.some((sensorId) => {
      const sensor = this.#sensors.get(sensorId)
      if (!sensor) return true // its meta may still come
      if (cause !== 'group' && !sensor.isAt({ district, kind })) return false
      // its meta may still say where it is
      return sensor.isIn(rule.scope, sensor.meta ? sensor.meta.ward : ward)
    })
  }

  /** The monitored sensor at this place; a reading newer than any moves it there. */
  #sensorAt(reading: Reading, arrivedAt: number | undefined): MonitoredSensor | undefined {
    const known = this.#sensors.get(reading.sensor)
    if (!known) return this.#add(reading)
    if (known.isAt(reading)) return known
    if (!isNewer(known, reading, arrivedAt)) return undefined
    const { district, kind, meta, connection } = known
    const reported = known.reportedAt(reading)
    this.#detach(known)
    const sensor = this.#start(reading, reported)
    sensor.recordElsewhere({ district, kind }, { meta, connection })
    return sensor
  }

  #add(of: SensorIdentity): MonitoredSensor | undefined {
    const { maxSensors, metrics } = this.#options
    if (this.#sensors.size >= maxSensors) {
      metrics.sensorsRefused.inc()
      return undefined
    }
    return this.#start(of, undefined)
  }

  /** Starts monitoring a sensor at a place, with what is known of it there. */
  #start(of: SensorIdentity, reported: ReportedPlace | undefined): MonitoredSensor {
    const { clock, metrics, onMeta } = this.#options
    const sensor = new MonitoredSensor(of, clock())
    sensor.meta = reported?.meta
    this.#sensors.set(sensor.id, sensor)
    metrics.sensors.set(this.#sensors.size)
    this.setConnection(sensor, reported?.connection)
    this.#assign(sensor)
    if (reported?.meta) onMeta?.(of, reported.meta)
    return sensor
  }

  /** A sensor was removed; its meta may still say that it is somewhere else. */
  #remove(sensor: MonitoredSensor): void {
    this.#clearAlertsOf(sensor)
    this.#detach(sensor)
    this.#sensors.delete(sensor.id)
    this.#options.metrics.sensors.set(this.#sensors.size)
    const { elsewhere, id } = sensor
    if (elsewhere?.meta) this.#start({ ...elsewhere, sensor: id }, elsewhere)
  }

  /** Stops monitoring a sensor at this place. */
  #detach(sensor: MonitoredSensor): void {
    this.setConnection(sensor, undefined)
    sensor.silences.clear() // their deadlines are still queued
  }

  /** Clears the alerts of a sensor. */
  #clearAlertsOf({ id: sensorId }: MonitoredSensor): void {
    for (const { id, sensors, clearedAt } of this.#options.transitions.states.all())
      if (clearedAt === undefined && sensors.length === 1 && sensors[0] === sensorId) this.#clear(id)
  }

  #clear(alert: string): void {
    const now = this.#options.clock()
    this.#options.transitions.apply((states) => states.planClear(alert, now, now))
  }

  #assign(sensor: MonitoredSensor): void {
    assignRules(sensor, this.#rules.values(), this.#options)
  }
}

/** Whether a reading is newer than all that came from where the sensor is monitored. */
function isNewer({ newest, clock }: MonitoredSensor, reading: Reading, arrivedAt: number | undefined): boolean {
  return effectiveTime(reading.ts, arrivedAt, clock) > (newest?.ts ?? 0)
}
