import type { Alert } from '#telemetry/alert.ts'
import type { AlertRule } from '#telemetry/alert-rule.ts'
import { effectiveTime } from '#telemetry/clock.ts'
import type { ClockHours } from '#telemetry/clock-hours.ts'
import { type ConnectionState, connectionOf, type HeardStatus, hearStatus } from '#telemetry/connection.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import type { SensorTopic } from '#telemetry/topics.ts'
import { ClockEvaluator } from '../evaluators/clock-evaluator.ts'
import { createEvaluator, isReadingCondition } from '../evaluators/create-evaluator.ts'
import { patienceMs, SilenceEvaluator } from '../evaluators/silence-evaluator.ts'
import type { AlertsMetrics } from '../metrics.ts'
import type { AlarmTransitions } from '../state/alarm-transitions.ts'
import type { Deadlines } from './deadlines.ts'
import { isRuleOf, MonitoredSensor, type SaidThere, type SilenceRuleEvaluator } from './monitored-sensor.ts'

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
  /** when each sensor counts as silent */
  silent: Deadlines<SilenceRuleEvaluator>
  /** told when a sensor goes offline, or is there again */
  onPresence?: (sensor: string, isOffline: boolean) => void
  /** told what period (s) the meta of a sensor says; undefined: the sensor was taken away */
  onPeriod?: (of: SensorIdentity, seconds: number | undefined) => void
}

/**
 * The sensors that are watched, each at the one place its newest reading is from. What a sensor says of itself at another place,
 * such as what the broker still retains of a former one, changes nothing until a reading comes from there.
 */
export class MonitoredSensors {
  readonly #options: MonitoredSensorsOptions
  readonly #watches = new Map<string, MonitoredSensor>()
  #rules = new Map<string, AlertRule>()

  constructor(options: MonitoredSensorsOptions) {
    this.#options = options
    options.metrics.maxSensors.set(options.maxSensors)
  }

  get bySensor(): ReadonlyMap<string, MonitoredSensor> {
    return this.#watches
  }

  get(sensor: string): MonitoredSensor | undefined {
    return this.#watches.get(sensor)
  }

  values(): Iterable<MonitoredSensor> {
    return this.#watches.values()
  }

  /** Replaces the rules, all of which are switched on. */
  setRules(rules: readonly AlertRule[]): void {
    this.#rules = new Map(rules.map((rule) => [rule.id, rule]))
    this.#options.metrics.rules.set(this.#rules.size)
    for (const watch of this.#watches.values()) this.#assign(watch)
  }

  /** The watch of the sensor that a reading of the live feed is of, or of a time in which nobody watched; undefined when it is not watched there. */
  ofReading(reading: Reading, arrivedAt?: number): MonitoredSensor | undefined {
    const known = this.#watches.get(reading.sensor)
    if (known && !known.isAt(reading) && isNewer(known, reading, arrivedAt)) this.#end(known)
    return this.#at(reading, arrivedAt)
  }

  /** As {@link ofReading} for a reading of the past, which clears nothing: that is for {@link clearUnwatched} once all was told. */
  ofPastReading(reading: Reading): MonitoredSensor | undefined {
    return this.#at(reading, undefined)
  }

  /** What a sensor says of itself; undefined: it was taken away, and what it raised is over. */
  updateMeta(of: SensorIdentity, meta: SensorMeta | undefined): void {
    const known = this.#watches.get(of.sensor)
    if (known && !known.isAt(of)) {
      known.recordElsewhere(of, { meta })
      return
    }
    if (meta === undefined) {
      this.#options.onPeriod?.(of, undefined)
      if (known) this.#forget(known)
      return
    }
    const watch = known ?? this.#add(of)
    if (!watch) return
    const hadPeriod = watch.meta?.period
    watch.meta = meta
    this.#assign(watch)
    if (meta.period !== hadPeriod) this.#moveDeadlines(watch)
    this.#options.onPeriod?.(of, meta.period)
  }

  /** What a sensor says of its connection; undefined: that is taken away. */
  updateConnection(of: SensorIdentity, heard: HeardStatus | undefined): void {
    const watch = this.#watches.get(of.sensor) ?? this.#add(of)
    if (!watch) return
    if (watch.isAt(of)) this.connect(watch, heard && hearStatus(watch.connection, heard))
    else watch.recordElsewhere(of, { connection: heard && hearStatus(watch.saidAt(of)?.connection, heard) })
  }

  /** The connection of a sensor is so from now on. */
  connect(watch: MonitoredSensor, connection: ConnectionState | undefined): void {
    const wasOffline = connectionOf(watch.connection) === 'offline'
    watch.connection = connection
    const isOffline = connectionOf(connection) === 'offline'
    if (isOffline !== wasOffline) this.#options.onPresence?.(watch.id, isOffline)
  }

  /** Clears the alerts whose rule is gone, off, or about something else now, and those of sensors that are elsewhere now. */
  clearUnwatched(): void {
    for (const alert of this.#options.transitions.states.all())
      if (alert.clearedAt === undefined && !this.#isWatched(alert)) this.#clear(alert.id)
  }

  #isWatched({ rule: id, cause, sensors, district, kind, ward }: Alert): boolean {
    const rule = this.#rules.get(id)
    if (!rule || rule.condition.type !== cause) return false
    return sensors.some((sensor) => {
      const watch = this.#watches.get(sensor)
      if (!watch) return true // it may still turn up
      if (cause !== 'group' && !watch.isAt({ district, kind })) return false
      // it may still say where it is
      return watch.isIn(rule.scope, watch.meta ? watch.meta.ward : ward)
    })
  }

  /** The watch of a sensor at this place, where a reading newer than any moves it to. */
  #at(reading: Reading, arrivedAt: number | undefined): MonitoredSensor | undefined {
    const known = this.#watches.get(reading.sensor)
    if (!known) return this.#add(reading)
    if (known.isAt(reading)) return known
    if (!isNewer(known, reading, arrivedAt)) return undefined
    const { district, kind, meta, connection } = known
    const said = known.saidAt(reading)
    this.#replace(known)
    const watch = this.#begin(reading, said)
    watch.recordElsewhere({ district, kind }, { meta, connection })
    return watch
  }

  #add(of: SensorIdentity): MonitoredSensor | undefined {
    const { maxSensors, metrics } = this.#options
    if (this.#watches.size >= maxSensors) {
      metrics.sensorsRefused.inc()
      return undefined
    }
    return this.#begin(of, undefined)
  }

  /** Begins to watch a sensor at a place, with what it has said of itself there. */
  #begin(of: SensorIdentity, said: SaidThere | undefined): MonitoredSensor {
    const { clock, metrics, onPeriod } = this.#options
    const watch = new MonitoredSensor(of, clock())
    watch.meta = said?.meta
    this.#watches.set(watch.id, watch)
    metrics.sensors.set(this.#watches.size)
    this.connect(watch, said?.connection)
    this.#assign(watch)
    if (said?.meta) onPeriod?.(of, said.meta.period)
    return watch
  }

  /** A sensor was taken away; it may still say that it is somewhere else. */
  #forget(watch: MonitoredSensor): void {
    this.#end(watch)
    this.#replace(watch)
    this.#watches.delete(watch.id)
    this.#options.metrics.sensors.set(this.#watches.size)
    const { elsewhere, id: sensor } = watch
    if (elsewhere?.meta) this.#begin({ ...elsewhere, sensor }, elsewhere)
  }

  /** This watch is no longer the sensor's. */
  #replace(watch: MonitoredSensor): void {
    this.connect(watch, undefined)
    watch.silences.clear() // its deadlines are still queued
  }

  /** What a sensor raised is over. */
  #end({ id: sensor }: MonitoredSensor): void {
    for (const { id, sensors, clearedAt } of this.#options.transitions.states.all())
      if (clearedAt === undefined && sensors.length === 1 && sensors[0] === sensor) this.#clear(id)
  }

  #clear(alert: string): void {
    const now = this.#options.clock()
    this.#options.transitions.apply((states) => states.planClear(alert, now, now))
  }

  /** Gives a sensor the judges of the rules that watch it; those of unchanged rules go on, alerts of those that no longer do are over. */
  #assign(watch: MonitoredSensor): void {
    const { transitions, hours, silent } = this.#options
    const rules = [...this.#rules.values()].filter(({ scope }) => watch.isIn(scope))
    const left = watch.rules
    watch.rules = new Set(rules.map(({ id }) => id))
    for (const id of left) {
      const alert = watch.rules.has(id) ? undefined : transitions.states.find(id, [watch.id])
      if (alert && alert.cause !== 'group' && alert.clearedAt === undefined) this.#clear(alert.id)
    }
    const kept = new Set(rules.map(({ id, version }) => `${id}@${version}`))
    for (const evaluators of [watch.evaluators, watch.silences, watch.clocks])
      for (const [id, { rule }] of evaluators) if (!kept.has(`${id}@${rule.version}`)) evaluators.delete(id)
    for (const rule of rules) {
      const known = transitions.states.find(rule.id, [watch.id])
      const active = known !== undefined && known.clearedAt === undefined && watch.isAt(known)
      if (isReadingCondition(rule.condition)) {
        if (!watch.evaluators.has(rule.id))
          watch.evaluators.set(rule.id, { rule, evaluator: createEvaluator(rule.condition, active, hours) })
      } else if (isRuleOf(rule, 'silence') && !watch.silences.has(rule.id)) {
        const evaluator = new SilenceEvaluator({ active, heardAt: watch.heardAt })
        const silence = { watch, rule, evaluator }
        watch.silences.set(rule.id, silence)
        if (!active) silent.set(silence, watch.heardAt + patienceMs(rule.condition, watch.meta))
      } else if (isRuleOf(rule, 'clock') && !watch.clocks.has(rule.id))
        watch.clocks.set(rule.id, { rule, evaluator: new ClockEvaluator(rule.condition, active) })
    }
  }

  /** The sensor's period is another one: so is how long it may be silent. */
  #moveDeadlines(watch: MonitoredSensor): void {
    for (const silence of watch.silences.values())
      if (!silence.evaluator.active)
        this.#options.silent.set(
          silence,
          silence.evaluator.heardAt + patienceMs(silence.rule.condition, watch.meta) + 1,
        )
  }
}

/** Whether a reading is newer than all that the sensor said where it is watched. */
function isNewer({ newest, clock }: MonitoredSensor, reading: Reading, arrivedAt: number | undefined): boolean {
  return effectiveTime(reading.ts, arrivedAt, clock) > (newest?.ts ?? 0)
}
