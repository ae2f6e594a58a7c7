import type { Alert } from '#telemetry/alert.ts'
import type { AlertRule } from '#telemetry/alert-rule.ts'
import { aheadMsOf, effectiveTime, followClock } from '#telemetry/clock.ts'
import type { ClockHours } from '#telemetry/clock-hours.ts'
import { type ConnectionState, connectionOf, hearReading, hearStatus, recallReading } from '#telemetry/connection.ts'
import type { LiveReading } from '#telemetry/live.ts'
import type { Reading } from '#telemetry/reading.ts'
import { valuesOf } from '#telemetry/reading.ts'
import { type Connection, defaultPeriod, type SensorMeta } from '#telemetry/sensor.ts'
import type { SensorTopic } from '#telemetry/topics.ts'
import { ClockJudge } from '../judges/clock-judge.ts'
import type { Judge, Transition } from '../judges/judge.ts'
import { isReadingCondition, judgeOf } from '../judges/judge-of.ts'
import { patienceMs, SilenceJudge } from '../judges/silence.ts'
import type { Desk } from '../life/desk.ts'
import type { AlertsMetrics } from '../metrics.ts'
import { Deadlines } from './deadlines.ts'
import { GroupWatch } from './group-watch.ts'
import { isRuleOf, SensorWatch, type SilenceWatch } from './sensor-watch.ts'

/** Sensors watched unless told otherwise; about 3 kB each under the default rules. */
export const defaultMaxSensors = 20_000

/** ms after which what was found in the past says nothing of how things are now, unless three periods are longer */
const lateMs = 60_000

type Identity = Pick<SensorTopic, 'sensor' | 'district' | 'kind'>

interface EngineOptions {
  desk: Desk
  metrics: AlertsMetrics
  /** epoch ms */
  clock: () => number
  maxSensors?: number
  /** of the city's clock */
  hours?: ClockHours
  /** told when a sensor goes offline, or is there again */
  onPresence?: (sensor: string, isOffline: boolean) => void
  /** told what period (s) the meta of a sensor says; undefined: the sensor was taken away */
  onPeriod?: (of: Identity, seconds: number | undefined) => void
}

/**
 * Watches every sensor under every rule, and hands what it finds to the desk. Silence goes by arrival. Limits go by the
 * time of measuring, and by arrival where a sensor's clock is steadily slow; a reading of one that is ahead breaks no limit.
 */
export class Engine {
  readonly #desk: Desk
  readonly #metrics: AlertsMetrics
  readonly #clock: () => number
  readonly #hours: ClockHours | undefined
  readonly #max: number
  readonly #onPresence: (sensor: string, isOffline: boolean) => void
  readonly #onPeriod: NonNullable<EngineOptions['onPeriod']>
  readonly #watches = new Map<string, SensorWatch>()
  readonly #silent = new Deadlines<SilenceWatch>()
  readonly #groups: GroupWatch
  #rules = new Map<string, AlertRule>()
  #isListening = false
  #deafSince: number | undefined

  constructor(options: EngineOptions) {
    this.#desk = options.desk
    this.#metrics = options.metrics
    this.#clock = options.clock
    this.#hours = options.hours
    this.#max = options.maxSensors ?? defaultMaxSensors
    this.#onPresence = options.onPresence ?? (() => {})
    this.#onPeriod = options.onPeriod ?? (() => {})
    this.#metrics.maxSensors.set(this.#max)
    this.#groups = new GroupWatch({ desk: options.desk, clock: options.clock })
  }

  get isListening(): boolean {
    return this.#isListening
  }

  /** Since when nothing can be heard, epoch ms; undefined while it listens, and before it did for the first time. */
  get deafSince(): number | undefined {
    return this.#deafSince
  }

  get(sensor: string): SensorWatch | undefined {
    return this.#watches.get(sensor)
  }

  /** Sensors that a rule of this scope watches, with what is known of them. */
  watched(scope: AlertRule['scope']): SensorWatch[] {
    return [...this.#watches.values()].filter((watch) => watch.isIn(scope))
  }

  /** Replaces the rules. A rule that changed judges anew; what it no longer watches is cleared. */
  setRules(rules: readonly AlertRule[]): void {
    this.#rules = new Map(rules.filter(({ enabled }) => enabled).map((rule) => [rule.id, rule]))
    this.#metrics.rules.set(this.#rules.size)
    for (const watch of this.#watches.values()) this.#assign(watch)
    this.#groups.setRules([...this.#rules.values()])
    this.clearUnwatched()
  }

  /** Clears the alerts whose rule is gone, off, or about something else now. */
  clearUnwatched(): void {
    const now = this.#clock()
    for (const alert of this.#desk.book.all())
      if (alert.clearedAt === undefined && !this.#isWatched(alert))
        this.#desk.take((book) => book.planClear(alert.id, now, now))
  }

  /** Readings as they come, or the newest that the store has. */
  take(batch: readonly LiveReading[]): void {
    this.#metrics.seen.inc(batch.length)
    const end = this.#metrics.judging.startTimer()
    for (const live of batch) this.#takeReading(live)
    end()
  }

  /** Readings of the past: they are judged, but nothing is raised or cleared until {@link settle}. */
  remember(readings: readonly Reading[]): void {
    for (const reading of readings) {
      const watch = this.#watchOf(reading)
      if (!watch || reading.ts <= (watch.newest?.ts ?? 0) || aheadMsOf(reading, this.#clock()) > 0) continue
      watch.note(reading)
      for (const one of watch.judges.values()) one.remembered = one.judge.take(reading, watch.meta) ?? one.remembered
    }
  }

  /**
   * Readings of a time in which nobody watched: what they raise and clear is raised and cleared, at the times of measuring,
   * but for what is known already. To be followed by {@link settle}.
   */
  review(readings: readonly Reading[], known: (rule: string, sensor: string) => number): void {
    this.#metrics.reviewed.inc(readings.length)
    for (const reading of readings) {
      const watch = this.#watchOf(reading)
      if (!watch || reading.ts <= (watch.newest?.ts ?? 0) || aheadMsOf(reading, this.#clock()) > 0) continue
      watch.note(reading)
      for (const one of watch.judges.values()) {
        const transition = one.judge.take(reading, watch.meta)
        if (!transition) continue
        one.remembered = transition
        if (transition.at > known(one.rule.id, watch.id)) this.#step(watch, one.rule, transition, one.judge)
      }
    }
  }

  /** Raises and clears what the past comes to, at sensors that still report; at the others everything stays as it was. */
  settle(): void {
    const now = this.#clock()
    for (const watch of this.#watches.values())
      for (const one of watch.judges.values()) {
        const { rule, judge, remembered } = one
        const alert = this.#desk.book.find(rule.id, [watch.id])
        const wasActive = alert !== undefined && alert.clearedAt === undefined
        one.remembered = undefined
        if (judge.active === wasActive) continue
        if (watch.newest && remembered && now - watch.newest.ts <= lateAfterMs(watch))
          this.#step(watch, rule, remembered, judge)
        else judge.reset(wasActive)
      }
  }

  /** What a sensor says of itself; undefined: it was taken away, and what it raised is over. */
  takeMeta(of: Identity, meta: SensorMeta | undefined): void {
    if (meta === undefined) {
      this.#onPeriod(of, undefined)
      this.#forget(of.sensor)
      return
    }
    const watch = this.#watchOf(of)
    if (!watch) return
    const hadPeriod = watch.meta?.period
    watch.meta = meta
    this.#assign(watch)
    if (meta.period !== hadPeriod) this.#moveDeadlines(watch)
    this.#onPeriod(of, meta.period)
  }

  /** What a sensor says of its connection; undefined: that is taken away. `isRetained`: the broker had kept it. */
  takeConnection(of: Identity, said: Connection | undefined, isRetained: boolean): void {
    const watch = this.#watchOf(of)
    if (!watch) return
    this.#connect(watch, said && hearStatus(watch.connection, { said, at: this.#clock(), isRetained }))
  }

  /** Judges what was said before anybody listened by who was noted to be offline since when (epoch ms), and by the newest readings. */
  recallPresence(offlineSince: ReadonlyMap<string, number>): void {
    const now = this.#clock()
    for (const watch of this.#watches.values()) {
      const { connection, newest, id } = watch
      if (!connection) continue
      const staleAt = (newest?.ts ?? 0) + 3_000 * (watch.meta?.period ?? defaultPeriod)
      const past = { offlineSince: offlineSince.get(id), newestAt: newest?.ts, staleAt, now }
      this.#connect(watch, recallReading(connection, past))
    }
  }

  /** The feed is there again: silence counts from now on, for nobody could be heard before. */
  listen(): void {
    this.#isListening = true
    this.#deafSince = undefined
    const now = this.#clock()
    for (const watch of this.#watches.values()) {
      watch.heardAt = now
      for (const { judge } of watch.silences.values()) judge.hear(now, false)
    }
  }

  /** The clock was set, ahead or back: silence counts from now on. */
  clockMoved(): void {
    const now = this.#clock()
    if (this.#deafSince !== undefined) this.#deafSince = now
    for (const watch of this.#watches.values()) {
      watch.heardAt = now
      for (const silence of watch.silences.values()) {
        const { judge, rule } = silence
        judge.restart(now)
        if (!judge.active) this.#silent.set(silence, now + patienceMs(rule.condition, watch.meta) + 1)
      }
    }
  }

  /** The feed is gone: nobody is silent only because nothing can be heard. */
  deafen(): void {
    if (this.#isListening) this.#deafSince = this.#clock()
    this.#isListening = false
  }

  /** Time has passed; to be called every second or so. */
  tick(): void {
    const now = this.#clock()
    this.#desk.take((book) => book.planTime(now))
    if (!this.#isListening) return
    for (let due = this.#silent.takeDue(now); due; due = this.#silent.takeDue(now)) this.#checkSilence(due)
    this.#groups.look(this.#watches)
  }

  #connect(watch: SensorWatch, connection: ConnectionState | undefined): void {
    const wasOffline = connectionOf(watch.connection) === 'offline'
    watch.connection = connection
    const isOffline = connectionOf(connection) === 'offline'
    if (isOffline !== wasOffline) this.#onPresence(watch.id, isOffline)
  }

  #takeReading({ reading, arrivedAt }: LiveReading): void {
    const watch = this.#watchOf(reading)
    if (!watch) return
    if (watch.connection) this.#connect(watch, hearReading(watch.connection, arrivedAt))
    const now = this.#clock()
    this.#hear(watch, Math.min(arrivedAt, now), now)
    const wasSlow = watch.clock.slowMs !== undefined
    this.#followClock(watch, reading, arrivedAt)
    if (aheadMsOf(reading, arrivedAt) > 0) {
      this.#metrics.unjudged.inc({ why: 'early' })
      return
    }
    const isSlow = watch.clock.slowMs !== undefined
    const at = effectiveTime(reading.ts, arrivedAt, watch.clock)
    // what was timed by another clock did not last until now
    if (wasSlow !== isSlow) for (const { judge } of watch.judges.values()) judge.reset(judge.active)
    const newest = watch.newest?.ts ?? 0
    if (at < newest || (at === newest && watch.newest && holdsAll(watch.newest, reading))) {
      this.#metrics.unjudged.inc({ why: 'late' })
      return
    }
    this.#judge(watch, at === reading.ts ? reading : { ...reading, ts: at })
  }

  /** The sensor's period is another one: so is how long it may be silent. */
  #moveDeadlines(watch: SensorWatch): void {
    for (const silence of watch.silences.values())
      if (!silence.judge.active)
        this.#silent.set(silence, silence.judge.heardAt + patienceMs(silence.rule.condition, watch.meta) + 1)
  }

  #judge(watch: SensorWatch, reading: Reading): void {
    watch.note(reading)
    for (const { rule, judge } of watch.judges.values()) {
      const transition = judge.take(reading, watch.meta)
      if (transition) this.#step(watch, rule, transition, judge)
    }
  }

  #followClock(watch: SensorWatch, reading: Reading, arrivedAt: number): void {
    watch.clock = followClock(watch.clock, reading, arrivedAt)
    for (const { rule, judge } of watch.clocks.values()) {
      // a reading that is late, but not steadily, says nothing about what is known
      const isUnsure = watch.clock.late !== undefined && watch.clock.fault === undefined && judge.active
      if (isUnsure && watch.clock.slowMs === undefined) continue
      const transition = judge.take(watch.clock.fault, arrivedAt)
      if (transition) this.#step(watch, rule, transition, judge)
    }
  }

  #hear(watch: SensorWatch, at: number, now: number): void {
    watch.heardAt = Math.max(watch.heardAt, at)
    for (const silence of watch.silences.values()) {
      const patience = patienceMs(silence.rule.condition, watch.meta)
      if (now - at > patience) continue
      const transition = silence.judge.hear(at, true)
      if (!transition) continue
      this.#step(watch, silence.rule, transition, silence.judge)
      this.#silent.set(silence, at + patience)
    }
  }

  #checkSilence(silence: SilenceWatch): void {
    const { watch, rule, judge } = silence
    if (watch.silences.get(rule.id) !== silence || judge.active) return
    const now = this.#clock()
    const patience = patienceMs(rule.condition, watch.meta)
    const transition = judge.pass(now, patience)
    if (transition) this.#step(watch, rule, transition, judge)
    if (!judge.active) this.#silent.set(silence, Math.max(judge.heardAt + patience, now) + 1)
  }

  #step(watch: SensorWatch, rule: AlertRule, transition: Transition, judge: Pick<Judge, 'reset'>): void {
    const now = this.#clock()
    const sensors = [watch.id]
    const { at } = transition
    this.#desk.take((book) => {
      if (transition.type === 'clear') {
        const alert = book.find(rule.id, sensors)
        return alert ? book.planClear(alert.id, at, now) : []
      }
      const { kind, district, meta } = watch
      const subject = { kind, district, sensors, ward: meta?.ward }
      const events = book.planRaise({ rule, subject, at, finding: transition.finding, now })
      if (events.length === 0 && book.find(rule.id, sensors) === undefined) {
        this.#metrics.refused.inc()
        judge.reset(false) // tried again as soon as there is room
      }
      return events
    })
  }

  /** Gives a sensor the judges of the rules that watch it; those of unchanged rules go on. */
  #assign(watch: SensorWatch): void {
    const rules = [...this.#rules.values()].filter(({ scope }) => watch.isIn(scope))
    watch.rules = new Set(rules.map(({ id }) => id))
    const kept = new Set(rules.map(({ id, version }) => `${id}@${version}`))
    for (const judges of [watch.judges, watch.silences, watch.clocks])
      for (const [id, { rule }] of judges) if (!kept.has(`${id}@${rule.version}`)) judges.delete(id)
    for (const rule of rules) {
      const known = this.#desk.book.find(rule.id, [watch.id])
      const active = known !== undefined && known.clearedAt === undefined
      if (isReadingCondition(rule.condition)) {
        if (!watch.judges.has(rule.id))
          watch.judges.set(rule.id, { rule, judge: judgeOf(rule.condition, active, this.#hours) })
      } else if (isRuleOf(rule, 'silence') && !watch.silences.has(rule.id)) {
        const judge = new SilenceJudge({ active, heardAt: watch.heardAt })
        const silence = { watch, rule, judge }
        watch.silences.set(rule.id, silence)
        if (!active) this.#silent.set(silence, watch.heardAt + patienceMs(rule.condition, watch.meta))
      } else if (isRuleOf(rule, 'clock') && !watch.clocks.has(rule.id))
        watch.clocks.set(rule.id, { rule, judge: new ClockJudge(rule.condition, active) })
    }
  }

  #isWatched({ rule: id, cause, sensors }: Alert): boolean {
    const rule = this.#rules.get(id)
    if (!rule || rule.condition.type !== cause) return false
    // a sensor that is not known yet may still turn up
    return sensors.some((sensor) => this.#watches.get(sensor)?.isIn(rule.scope) ?? true)
  }

  #forget(sensor: string): void {
    const watch = this.#watches.get(sensor)
    if (!watch) return
    const now = this.#clock()
    this.#connect(watch, undefined)
    this.#watches.delete(sensor)
    watch.silences.clear() // its deadlines are still queued
    this.#metrics.sensors.set(this.#watches.size)
    for (const { id, sensors, clearedAt } of this.#desk.book.all())
      if (clearedAt === undefined && sensors.length === 1 && sensors[0] === sensor)
        this.#desk.take((book) => book.planClear(id, now, now))
  }

  /** The watch of a sensor; of one that was moved, a new one. */
  #watchOf(of: Identity): SensorWatch | undefined {
    const known = this.#watches.get(of.sensor)
    if (known && known.district === of.district && known.kind === of.kind) return known
    if (!known && this.#watches.size >= this.#max) {
      this.#metrics.sensorsRefused.inc()
      return undefined
    }
    const watch = new SensorWatch(of, this.#clock())
    this.#watches.set(watch.id, watch)
    this.#metrics.sensors.set(this.#watches.size)
    this.#assign(watch)
    return watch
  }
}

/** Whether a reading says nothing but what is held. */
function holdsAll(held: Reading, reading: Reading): boolean {
  const values = valuesOf(held)
  return Object.entries(valuesOf(reading)).every(([name, value]) => values[name] === value)
}

/** ms after which a reading of this sensor is too late */
function lateAfterMs({ meta }: SensorWatch): number {
  return Math.max(lateMs, 3_000 * (meta?.period ?? defaultPeriod))
}
