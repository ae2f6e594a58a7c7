import type { AlertRule } from '#telemetry/alert-rule.ts'
import { aheadMsOf, effectiveTime, followClock } from '#telemetry/clock.ts'
import type { ClockHours } from '#telemetry/clock-hours.ts'
import { hearReading } from '#telemetry/connection.ts'
import type { LiveReading } from '#telemetry/live.ts'
import { measuredReading } from '#telemetry/measured-values.ts'
import type { Reading } from '#telemetry/reading.ts'
import { valuesOf } from '#telemetry/reading.ts'
import type { Connection, SensorMeta } from '#telemetry/sensor.ts'
import type { AlertsMetrics } from '../metrics.ts'
import type { AlarmTransitions } from '../state/alarm-transitions.ts'
import { type CommandedOf, createAlarmReporter, type ReportAlarm } from './alarm-reporter.ts'
import { GroupMonitor } from './group-monitor.ts'
import type { MonitoredSensor } from './monitored-sensor.ts'
import { MonitoredSensors, type SensorIdentity } from './monitored-sensors.ts'
import { PastEvaluation } from './past-evaluation.ts'
import { SilenceMonitor } from './silence-monitor.ts'

/** Sensors monitored by default; about 3 kB each under the default rules. */
export const defaultMaxSensors = 20_000

interface EvaluationEngineOptions {
  transitions: AlarmTransitions
  metrics: AlertsMetrics
  /** epoch ms */
  clock: () => number
  maxSensors?: number
  /** of the city's clock */
  hours?: ClockHours
  /** absent: no sensor is commanded */
  commandedOf?: CommandedOf
  /** called when a sensor goes offline, or is online again */
  onPresence?: (sensor: string, isOffline: boolean) => void
  /** called with what a sensor says of itself at the place where it is; undefined: it was removed */
  onMeta?: (of: SensorIdentity, meta: SensorMeta | undefined) => void
}

/**
 * Evaluates every rule at every sensor, and applies what it finds to the alarm states. Silence goes by arrival. Limits go by the
 * time of measuring, and by arrival where a sensor's clock is steadily slow; a reading of a clock that is ahead is not evaluated,
 * nor a value that its device was not measuring.
 */
export class EvaluationEngine {
  readonly #transitions: AlarmTransitions
  readonly #metrics: AlertsMetrics
  readonly #clock: () => number
  readonly #commandedOf: CommandedOf
  readonly #report: ReportAlarm
  readonly #sensors: MonitoredSensors
  readonly #silence: SilenceMonitor
  readonly #groups: GroupMonitor
  /** evaluates stored readings, at a start and after an outage */
  readonly past: PastEvaluation
  #isListening = false
  #disconnectedSince: number | undefined

  constructor(options: EvaluationEngineOptions) {
    const { transitions, metrics, clock, commandedOf = () => undefined } = options
    this.#transitions = transitions
    this.#metrics = metrics
    this.#clock = clock
    this.#commandedOf = commandedOf
    this.#report = createAlarmReporter({ transitions, metrics, clock, commandedOf })
    const report = this.#report
    this.#silence = new SilenceMonitor({ report, clock })
    this.#sensors = new MonitoredSensors({ maxSensors: defaultMaxSensors, ...options, silence: this.#silence })
    this.#groups = new GroupMonitor({ transitions, clock, commandedOf })
    this.past = new PastEvaluation({ sensors: this.#sensors, states: transitions.states, metrics, report, clock })
  }

  get isListening(): boolean {
    return this.#isListening
  }

  /** Since when nothing can be received, epoch ms; undefined while it listens, and before it did for the first time. */
  get disconnectedSince(): number | undefined {
    return this.#disconnectedSince
  }

  get(sensor: string): MonitoredSensor | undefined {
    return this.#sensors.get(sensor)
  }

  /** Sensors that a rule of this scope applies to, with what is known of them. */
  sensorsIn(scope: AlertRule['scope']): MonitoredSensor[] {
    return [...this.#sensors.values()].filter((sensor) => sensor.isIn(scope))
  }

  /** Replaces the rules. A rule that changed is evaluated anew; what it no longer applies to is cleared. */
  setRules(rules: readonly AlertRule[]): void {
    const enabled = rules.filter((rule) => rule.enabled)
    this.#sensors.setRules(enabled)
    this.#groups.setRules(enabled)
    this.#sensors.clearUnmonitored()
  }

  /** Evaluates readings as they come, or the newest that the store has. */
  evaluate(batch: readonly LiveReading[]): void {
    this.#metrics.evaluated.inc(batch.length)
    const end = this.#metrics.evaluation.startTimer()
    for (const live of batch) this.#evaluateLive(live)
    end()
  }

  /** The meta of a sensor; undefined: the sensor was removed, and its alerts are over. */
  updateMeta(of: SensorIdentity, meta: SensorMeta | undefined): void {
    this.#sensors.updateMeta(of, meta)
  }

  /** The status of a sensor's connection; undefined: it was removed. `isRetained`: the broker had retained it. */
  updateConnection(of: SensorIdentity, said: Connection | undefined, isRetained: boolean): void {
    this.#sensors.updateConnection(of, said && { said, at: this.#clock(), isRetained })
  }

  /** The live feed is there again: silence counts from now on, for nothing could be received before. */
  startListening(): void {
    this.#isListening = true
    this.#disconnectedSince = undefined
    this.#silence.restartAfterOutage(this.#sensors.values(), this.#clock())
  }

  /** The live feed is gone: no sensor is silent only because nothing can be received. */
  stopListening(): void {
    if (this.#isListening) this.#disconnectedSince = this.#clock()
    this.#isListening = false
  }

  /** The clock was set, ahead or back: silence counts from now on. */
  handleClockJump(): void {
    const now = this.#clock()
    if (this.#disconnectedSince !== undefined) this.#disconnectedSince = now
    this.#silence.restartAfterClockJump(this.#sensors.values(), now)
  }

  /** Time has passed; to be called every second or so. */
  tick(): void {
    const now = this.#clock()
    this.#transitions.apply((states) => states.planTimeouts(now))
    this.#transitions.apply((states) => states.planCommands(this.#commandedOf, now))
    if (!this.#isListening) return
    this.#silence.check(now)
    this.#groups.check(this.#sensors.bySensor)
  }

  #evaluateLive({ reading: came, arrivedAt }: LiveReading): void {
    const sensor = this.#sensors.ofReading(came, arrivedAt)
    if (!sensor) return
    if (sensor.connection) this.#sensors.setConnection(sensor, hearReading(sensor.connection, arrivedAt))
    const now = this.#clock()
    this.#silence.recordHeard(sensor, Math.min(arrivedAt, now), now)
    const wasSlow = sensor.clock.slowMs !== undefined
    this.#evaluateClock(sensor, came, arrivedAt)
    if (aheadMsOf(came, arrivedAt) > 0) {
      this.#metrics.unevaluated.inc({ why: 'early' })
      return
    }
    const reading = measuredReading(came)
    if (!reading) {
      this.#metrics.unevaluated.inc({ why: 'not measuring' })
      return
    }
    const isSlow = sensor.clock.slowMs !== undefined
    const at = effectiveTime(reading.ts, arrivedAt, sensor.clock)
    // an on-delay that was timed by another clock starts again
    if (wasSlow !== isSlow) for (const { evaluator } of sensor.evaluators.values()) evaluator.reset(evaluator.active)
    const newest = sensor.newest?.ts ?? 0
    if (at < newest || (at === newest && sensor.newest && holdsAll(sensor.newest, reading))) {
      this.#metrics.unevaluated.inc({ why: 'late' })
      return
    }
    this.#evaluateRules(sensor, at === reading.ts ? reading : { ...reading, ts: at })
  }

  #evaluateRules(sensor: MonitoredSensor, reading: Reading): void {
    sensor.recordReading(reading)
    for (const { rule, evaluator } of sensor.evaluators.values()) {
      const transition = evaluator.evaluate(reading, sensor.meta)
      if (transition) this.#report(sensor, rule, transition, evaluator)
    }
  }

  #evaluateClock(sensor: MonitoredSensor, reading: Reading, arrivedAt: number): void {
    sensor.clock = followClock(sensor.clock, reading, arrivedAt)
    for (const { rule, evaluator } of sensor.clocks.values()) {
      // a reading that is late, but not steadily, says nothing about what is known
      const isUnsure = sensor.clock.late !== undefined && sensor.clock.fault === undefined && evaluator.active
      if (isUnsure && sensor.clock.slowMs === undefined) continue
      const transition = evaluator.evaluate(sensor.clock.fault, arrivedAt)
      if (transition) this.#report(sensor, rule, transition, evaluator)
    }
  }
}

/** Whether a reading says nothing but what is held. */
function holdsAll(held: Reading, reading: Reading): boolean {
  const values = valuesOf(held)
  return Object.entries(valuesOf(reading)).every(([name, value]) => values[name] === value)
}
