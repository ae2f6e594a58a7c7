import type { AlertRule, AlertRuleDraft } from '#telemetry/alert-rule.ts'
import type { ClockHours } from '#telemetry/clock-hours.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import { failingUnder } from '../engine/group-monitor.ts'
import { isRuleOf, type RuleOf, SensorWatch } from '../engine/monitored-sensor.ts'
import { ClockJudge } from '../evaluators/clock-evaluator.ts'
import { isReadingCondition, judgeOf } from '../evaluators/create-evaluator.ts'
import type { Judge, Transition } from '../evaluators/evaluator.ts'
import { judgeGroups } from '../evaluators/group-evaluator.ts'
import { patienceMs, SilenceJudge } from '../evaluators/silence-evaluator.ts'

/** ms between two looks at what only time brings */
const tickMs = 60_000

/** What a rule would have raised. Times are epoch ms. */
export interface Found {
  sensors: string[]
  raisedAt: number
  clearedAt?: number
  value?: Value
}

/** ms between two readings of a sensor at a time; infinite when there were none of anyone. */
export type SpacingAt = (ts: number) => number

/** A rule tried on readings of the past, given in order of time. */
export class Trial {
  readonly #rule: AlertRule
  readonly #spacing: SpacingAt
  readonly #watches = new Map<string, SensorWatch>()
  readonly #judges = new Map<string, Judge>()
  readonly #silences = new Map<string, SilenceJudge>()
  readonly #open = new Map<string, Found>()
  readonly #clockReadings: { sensor: string; at: number; aheadMs: number }[] = []
  #lastTick: number
  readonly found: Found[] = []
  readings = 0

  constructor(
    rule: AlertRuleDraft,
    sensors: readonly SensorWatch[],
    { from, hours, spacing }: { from: number; hours: ClockHours; spacing: SpacingAt },
  ) {
    this.#rule = { ...rule, id: 'trial', version: 1, changedBy: 'trial', changedAt: from }
    this.#spacing = spacing
    this.#lastTick = from
    for (const { id: sensor, district, kind, meta } of sensors) {
      const watch = new SensorWatch({ sensor, district, kind }, from)
      watch.meta = meta
      watch.rules = new Set([this.#rule.id])
      watch.heardAt = Number.POSITIVE_INFINITY // not silent: it has not begun to speak
      this.#watches.set(sensor, watch)
      if (isReadingCondition(rule.condition)) this.#judges.set(sensor, judgeOf(rule.condition, false, hours))
    }
  }

  take(reading: Reading): void {
    this.#pass(reading.ts)
    const { sensor, ts } = reading
    const watch = this.#watches.get(sensor)
    if (!watch) return
    this.readings += 1
    if (isRuleOf(this.#rule, 'clock')) {
      const { aheadMs = 0 } = reading
      this.#clockReadings.push({ sensor, at: ts - aheadMs, aheadMs })
    }
    if (reading.aheadMs !== undefined) return
    watch.heardAt = ts
    watch.note(reading)
    this.#step(sensor, this.#judges.get(sensor)?.take(reading, watch.meta))
    if (!isRuleOf(this.#rule, 'silence')) return
    const silence = this.#silences.get(sensor)
    if (silence) this.#step(sensor, silence.hear(ts, true))
    else this.#silences.set(sensor, new SilenceJudge({ active: false, heardAt: ts }))
  }

  /** The end of the past, epoch ms. */
  end(to: number): void {
    this.#pass(to)
    if (isRuleOf(this.#rule, 'clock')) this.#judgeClocks(this.#rule)
  }

  /** By arrival, which is known of readings that were ahead; a slow clock cannot be told from what was delivered late. */
  #judgeClocks({ condition }: RuleOf<'clock'>): void {
    const judges = new Map<string, ClockJudge>()
    for (const { sensor, at, aheadMs } of this.#clockReadings.sort((a, b) => a.at - b.at)) {
      const judge = judges.get(sensor) ?? new ClockJudge(condition)
      judges.set(sensor, judge)
      this.#step(sensor, judge.take(aheadMs > 0 ? { offMs: aheadMs, at } : undefined, at))
    }
  }

  #step(key: string, transition: Transition | undefined): void {
    if (transition?.type === 'raise') this.#raise(key, [key], transition.at, transition.finding.value)
    if (transition?.type === 'clear') this.#clear(key, transition.at)
  }

  #raise(key: string, sensors: string[], raisedAt: number, value: Value | undefined): void {
    const found: Found = { sensors, raisedAt, ...(value === undefined ? {} : { value }) }
    this.found.push(found)
    this.#open.set(key, found)
  }

  #clear(key: string, at: number): void {
    const found = this.#open.get(key)
    if (found) found.clearedAt = at
    this.#open.delete(key)
  }

  #pass(now: number): void {
    if (isReadingCondition(this.#rule.condition)) return
    while (now - this.#lastTick >= tickMs) {
      this.#lastTick += tickMs
      const leastMs = 3 * this.#spacing(this.#lastTick)
      if (leastMs === Number.POSITIVE_INFINITY) this.#listenAnew()
      if (isRuleOf(this.#rule, 'silence')) this.#lookForSilence(this.#rule, leastMs)
      if (isRuleOf(this.#rule, 'group')) this.#lookForGroups(this.#rule, leastMs)
    }
  }

  /** Nobody was listening: silence counts from now on. */
  #listenAnew(): void {
    for (const judge of this.#silences.values()) judge.hear(this.#lastTick, false)
    for (const watch of this.#watches.values()) watch.heardAt = Math.max(watch.heardAt, this.#lastTick)
  }

  #lookForSilence({ condition }: RuleOf<'silence'>, leastMs: number): void {
    for (const [sensor, judge] of this.#silences) {
      const patience = patienceMs(condition, this.#watches.get(sensor)?.meta)
      this.#step(sensor, judge.pass(this.#lastTick, Math.max(patience, leastMs)))
    }
  }

  #lookForGroups(rule: RuleOf<'group'>, leastMs: number): void {
    const now = this.#lastTick
    for (const watch of this.#watches.values()) watch.leastSilenceMs = Math.max(tickMs, leastMs)
    const known = [...this.#open].map(([key, { sensors }]) => ({ key, sensors }))
    for (const change of judgeGroups(rule.condition, known, failingUnder(rule, this.#watches, now))) {
      if (change.type === 'clear') this.#clear(change.key, now)
      const open = change.type === 'change' ? this.#open.get(change.key) : undefined
      if (open && change.type === 'change') open.sensors = change.sensors
      if (change.type === 'raise')
        this.#raise(`${change.sensors[0]} ${now}`, change.sensors, now, change.sensors.length)
    }
  }
}
