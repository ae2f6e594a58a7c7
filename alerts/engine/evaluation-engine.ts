import type { AlertRule } from '#telemetry/alert-rule.ts'
import { aheadMsOf, effectiveTime, followClock } from '#telemetry/clock.ts'
import type { ClockHours } from '#telemetry/clock-hours.ts'
import { hearReading, recallReading } from '#telemetry/connection.ts'
import type { LiveReading } from '#telemetry/live.ts'
import type { Reading } from '#telemetry/reading.ts'
import { valuesOf } from '#telemetry/reading.ts'
import { type Connection, defaultPeriod, type SensorMeta } from '#telemetry/sensor.ts'
import type { Evaluator, Transition } from '../evaluators/evaluator.ts'
import { patienceMs } from '../evaluators/silence-evaluator.ts'
import type { AlertsMetrics } from '../metrics.ts'
import type { AlarmTransitions } from '../state/alarm-transitions.ts'
import { Deadlines } from './deadlines.ts'
import { GroupMonitor } from './group-monitor.ts'
import type { MonitoredSensor, SilenceRuleEvaluator } from './monitored-sensor.ts'
import { MonitoredSensors, type SensorIdentity } from './monitored-sensors.ts'

/** Sensors watched unless told otherwise; about 3 kB each under the default rules. */
export const defaultMaxSensors = 20_000

/** ms after which what was found in the past says nothing of how things are now, unless three periods are longer */
const lateMs = 60_000

interface EvaluationEngineOptions {
  transitions: AlarmTransitions
  metrics: AlertsMetrics
  /** epoch ms */
  clock: () => number
  maxSensors?: number
  /** of the city's clock */
  hours?: ClockHours
  /** told when a sensor goes offline, or is there again */
  onPresence?: (sensor: string, isOffline: boolean) => void
  /** told what period (s) the meta of a sensor says; undefined: the sensor was taken away */
  onPeriod?: (of: SensorIdentity, seconds: number | undefined) => void
}

/**
 * Watches every sensor under every rule, and hands what it finds to the transitions. Silence goes by arrival. Limits go by the
 * time of measuring, and by arrival where a sensor's clock is steadily slow; a reading of one that is ahead breaks no limit.
 */
export class EvaluationEngine {
  readonly #transitions: AlarmTransitions
  readonly #metrics: AlertsMetrics
  readonly #clock: () => number
  readonly #watches: MonitoredSensors
  readonly #silent = new Deadlines<SilenceRuleEvaluator>()
  readonly #groups: GroupMonitor
  #isListening = false
  #disconnectedSince: number | undefined

  constructor(options: EvaluationEngineOptions) {
    this.#transitions = options.transitions
    this.#metrics = options.metrics
    this.#clock = options.clock
    this.#watches = new MonitoredSensors({ maxSensors: defaultMaxSensors, ...options, silent: this.#silent })
    this.#groups = new GroupMonitor({ transitions: options.transitions, clock: options.clock })
  }

  get isListening(): boolean {
    return this.#isListening
  }

  /** Since when nothing can be heard, epoch ms; undefined while it listens, and before it did for the first time. */
  get disconnectedSince(): number | undefined {
    return this.#disconnectedSince
  }

  get(sensor: string): MonitoredSensor | undefined {
    return this.#watches.get(sensor)
  }

  /** Sensors that a rule of this scope watches, with what is known of them. */
  watched(scope: AlertRule['scope']): MonitoredSensor[] {
    return [...this.#watches.values()].filter((watch) => watch.isIn(scope))
  }

  /** Replaces the rules. A rule that changed judges anew; what it no longer watches is cleared. */
  setRules(rules: readonly AlertRule[]): void {
    const enabled = rules.filter((rule) => rule.enabled)
    this.#watches.setRules(enabled)
    this.#groups.setRules(enabled)
    this.#watches.clearUnwatched()
  }

  /** Readings as they come, or the newest that the store has. */
  evaluate(batch: readonly LiveReading[]): void {
    this.#metrics.evaluated.inc(batch.length)
    const end = this.#metrics.evaluation.startTimer()
    for (const live of batch) this.#evaluateReading(live)
    end()
  }

  /** Readings of the past: they are judged, but nothing is raised or cleared until {@link settle}. */
  warmUp(readings: readonly Reading[]): void {
    for (const reading of readings) {
      const watch = this.#watches.ofPastReading(reading)
      if (!watch || reading.ts <= (watch.newest?.ts ?? 0) || aheadMsOf(reading, this.#clock()) > 0) continue
      watch.recordReading(reading)
      for (const one of watch.evaluators.values())
        one.remembered = one.evaluator.evaluate(reading, watch.meta) ?? one.remembered
    }
  }

  /**
   * Readings of a time in which nobody watched: what they raise and clear is raised and cleared, at the times of measuring,
   * but for what is known already. To be followed by {@link settle}.
   */
  catchUp(readings: readonly Reading[], known: (rule: string, sensor: string) => number): void {
    this.#metrics.caughtUp.inc(readings.length)
    for (const reading of readings) {
      const watch = this.#watches.ofReading(reading)
      if (!watch || reading.ts <= (watch.newest?.ts ?? 0) || aheadMsOf(reading, this.#clock()) > 0) continue
      watch.recordReading(reading)
      for (const one of watch.evaluators.values()) {
        const transition = one.evaluator.evaluate(reading, watch.meta)
        if (!transition) continue
        one.remembered = transition
        if (transition.at > known(one.rule.id, watch.id)) this.#apply(watch, one.rule, transition, one.evaluator)
      }
    }
  }

  /**
   * Raises and clears what the past comes to, at sensors that still report; at the others everything stays as it was, but for
   * those that were moved or left the scope of a rule meanwhile.
   */
  settle(): void {
    this.#watches.clearUnwatched()
    const now = this.#clock()
    for (const watch of this.#watches.values())
      for (const one of watch.evaluators.values()) {
        const { rule, evaluator, remembered } = one
        const alert = this.#transitions.states.find(rule.id, [watch.id])
        const wasActive = alert !== undefined && alert.clearedAt === undefined
        one.remembered = undefined
        if (evaluator.active === wasActive) continue
        if (watch.newest && remembered && now - watch.newest.ts <= lateAfterMs(watch))
          this.#apply(watch, rule, remembered, evaluator)
        else evaluator.reset(wasActive)
      }
  }

  /** What a sensor says of itself; undefined: it was taken away, and what it raised is over. */
  updateMeta(of: SensorIdentity, meta: SensorMeta | undefined): void {
    this.#watches.updateMeta(of, meta)
  }

  /** What a sensor says of its connection; undefined: that is taken away. `isRetained`: the broker had kept it. */
  updateConnection(of: SensorIdentity, said: Connection | undefined, isRetained: boolean): void {
    this.#watches.updateConnection(of, said && { said, at: this.#clock(), isRetained })
  }

  /** Judges what was said before anybody listened by who was noted to be offline since when (epoch ms), and by the newest readings. */
  restorePresence(offlineSince: ReadonlyMap<string, number>): void {
    const now = this.#clock()
    for (const watch of this.#watches.values()) {
      const { connection, newest, id } = watch
      if (!connection) continue
      const staleAt = (newest?.ts ?? 0) + 3_000 * (watch.meta?.period ?? defaultPeriod)
      const past = { offlineSince: offlineSince.get(id), newestAt: newest?.ts, staleAt, now }
      this.#watches.connect(watch, recallReading(connection, past))
    }
  }

  /** The feed is there again: silence counts from now on, for nobody could be heard before. */
  startListening(): void {
    this.#isListening = true
    this.#disconnectedSince = undefined
    const now = this.#clock()
    for (const watch of this.#watches.values()) {
      watch.heardAt = now
      for (const { evaluator } of watch.silences.values()) evaluator.hear(now, false)
    }
  }

  /** The clock was set, ahead or back: silence counts from now on. */
  handleClockJump(): void {
    const now = this.#clock()
    if (this.#disconnectedSince !== undefined) this.#disconnectedSince = now
    for (const watch of this.#watches.values()) {
      watch.heardAt = now
      for (const silence of watch.silences.values()) {
        const { evaluator, rule } = silence
        evaluator.restart(now)
        if (!evaluator.active) this.#silent.set(silence, now + patienceMs(rule.condition, watch.meta) + 1)
      }
    }
  }

  /** The feed is gone: nobody is silent only because nothing can be heard. */
  stopListening(): void {
    if (this.#isListening) this.#disconnectedSince = this.#clock()
    this.#isListening = false
  }

  /** Time has passed; to be called every second or so. */
  tick(): void {
    const now = this.#clock()
    this.#transitions.apply((states) => states.planTimeouts(now))
    if (!this.#isListening) return
    for (let due = this.#silent.takeDue(now); due; due = this.#silent.takeDue(now)) this.#checkSilence(due)
    this.#groups.look(this.#watches.bySensor)
  }

  #evaluateReading({ reading, arrivedAt }: LiveReading): void {
    const watch = this.#watches.ofReading(reading, arrivedAt)
    if (!watch) return
    if (watch.connection) this.#watches.connect(watch, hearReading(watch.connection, arrivedAt))
    const now = this.#clock()
    this.#recordHeard(watch, Math.min(arrivedAt, now), now)
    const wasSlow = watch.clock.slowMs !== undefined
    this.#followClock(watch, reading, arrivedAt)
    if (aheadMsOf(reading, arrivedAt) > 0) {
      this.#metrics.unevaluated.inc({ why: 'early' })
      return
    }
    const isSlow = watch.clock.slowMs !== undefined
    const at = effectiveTime(reading.ts, arrivedAt, watch.clock)
    // what was timed by another clock did not last until now
    if (wasSlow !== isSlow) for (const { evaluator } of watch.evaluators.values()) evaluator.reset(evaluator.active)
    const newest = watch.newest?.ts ?? 0
    if (at < newest || (at === newest && watch.newest && holdsAll(watch.newest, reading))) {
      this.#metrics.unevaluated.inc({ why: 'late' })
      return
    }
    this.#evaluator(watch, at === reading.ts ? reading : { ...reading, ts: at })
  }

  #evaluator(watch: MonitoredSensor, reading: Reading): void {
    watch.recordReading(reading)
    for (const { rule, evaluator } of watch.evaluators.values()) {
      const transition = evaluator.evaluate(reading, watch.meta)
      if (transition) this.#apply(watch, rule, transition, evaluator)
    }
  }

  #followClock(watch: MonitoredSensor, reading: Reading, arrivedAt: number): void {
    watch.clock = followClock(watch.clock, reading, arrivedAt)
    for (const { rule, evaluator } of watch.clocks.values()) {
      // a reading that is late, but not steadily, says nothing about what is known
      const isUnsure = watch.clock.late !== undefined && watch.clock.fault === undefined && evaluator.active
      if (isUnsure && watch.clock.slowMs === undefined) continue
      const transition = evaluator.evaluate(watch.clock.fault, arrivedAt)
      if (transition) this.#apply(watch, rule, transition, evaluator)
    }
  }

  #recordHeard(watch: MonitoredSensor, at: number, now: number): void {
    watch.heardAt = Math.max(watch.heardAt, at)
    for (const silence of watch.silences.values()) {
      const patience = patienceMs(silence.rule.condition, watch.meta)
      if (now - at > patience) continue
      const transition = silence.evaluator.hear(at, true)
      if (!transition) continue
      this.#apply(watch, silence.rule, transition, silence.evaluator)
      this.#silent.set(silence, at + patience)
    }
  }

  #checkSilence(silence: SilenceRuleEvaluator): void {
    const { watch, rule, evaluator } = silence
    if (watch.silences.get(rule.id) !== silence || evaluator.active) return
    const now = this.#clock()
    const patience = patienceMs(rule.condition, watch.meta)
    const transition = evaluator.pass(now, patience)
    if (transition) this.#apply(watch, rule, transition, evaluator)
    if (!evaluator.active) this.#silent.set(silence, Math.max(evaluator.heardAt + patience, now) + 1)
  }

  #apply(watch: MonitoredSensor, rule: AlertRule, transition: Transition, evaluator: Pick<Evaluator, 'reset'>): void {
    const now = this.#clock()
    const sensors = [watch.id]
    const { at } = transition
    this.#transitions.apply((states) => {
      if (transition.type === 'clear') {
        const alert = states.find(rule.id, sensors)
        return alert ? states.planClear(alert.id, at, now) : []
      }
      const { kind, district, meta } = watch
      const subject = { kind, district, sensors, ward: meta?.ward }
      const events = states.planRaise({ rule, subject, at, finding: transition.finding, now })
      if (events.length === 0 && states.find(rule.id, sensors) === undefined) {
        this.#metrics.refused.inc()
        evaluator.reset(false) // tried again as soon as there is room
      }
      return events
    })
  }
}

/** Whether a reading says nothing but what is held. */
function holdsAll(held: Reading, reading: Reading): boolean {
  const values = valuesOf(held)
  return Object.entries(valuesOf(reading)).every(([name, value]) => values[name] === value)
}

/** ms after which a reading of this sensor is too late */
function lateAfterMs({ meta }: MonitoredSensor): number {
  return Math.max(lateMs, 3_000 * (meta?.period ?? defaultPeriod))
}
