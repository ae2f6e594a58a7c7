import type { AlertRule, AlertRuleDraft } from '#telemetry/alert-rule.ts'
import type { ClockHours } from '#telemetry/clock-hours.ts'
import { measuredReading } from '#telemetry/measured-values.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import { failingUnder } from '../engine/group-monitor.ts'
import { isRuleOf, MonitoredSensor, type RuleOf } from '../engine/monitored-sensor.ts'
import { ClockEvaluator } from '../evaluators/clock-evaluator.ts'
import { createEvaluator, isReadingCondition } from '../evaluators/create-evaluator.ts'
import type { Evaluator, Transition } from '../evaluators/evaluator.ts'
import { evaluateGroups } from '../evaluators/group-evaluator.ts'
import { SilenceEvaluator, silenceLimitMs } from '../evaluators/silence-evaluator.ts'

/** ms between two checks of silence and groups */
const tickMs = 60_000

/** What a rule would have raised. Times are epoch ms. */
export interface SimulatedAlert {
  sensors: string[]
  raisedAt: number
  clearedAt?: number
  value?: Value
}

/** ms between two readings of a sensor at a time; infinite when there were none of anyone. */
export type SpacingAt = (ts: number) => number

/** Simulates a rule on readings of the past, given in order of time. */
export class RuleSimulation {
  readonly #rule: AlertRule
  readonly #spacing: SpacingAt
  readonly #watches = new Map<string, MonitoredSensor>()
  readonly #evaluators = new Map<string, Evaluator>()
  readonly #silences = new Map<string, SilenceEvaluator>()
  readonly #open = new Map<string, SimulatedAlert>()
  readonly #clockReadings: { sensor: string; at: number; aheadMs: number }[] = []
  #lastTick: number
  readonly found: SimulatedAlert[] = []
  readings = 0

  constructor(
    rule: AlertRuleDraft,
    sensors: readonly MonitoredSensor[],
    { from, hours, spacing }: { from: number; hours: ClockHours; spacing: SpacingAt },
  ) {
    this.#rule = { ...rule, id: 'trial', version: 1, changedBy: 'trial', changedAt: from }
    this.#spacing = spacing
    this.#lastTick = from
    for (const { id: sensor, district, kind, meta } of sensors) {
      const watch = new MonitoredSensor({ sensor, district, kind }, from)
      watch.meta = meta
      watch.rules = new Set([this.#rule.id])
      watch.heardAt = Number.POSITIVE_INFINITY // not silent: it has not begun to speak
      this.#watches.set(sensor, watch)
      if (isReadingCondition(rule.condition))
        this.#evaluators.set(sensor, createEvaluator(rule.condition, false, hours))
    }
  }

  evaluate(reading: Reading): void {
    this.#advance(reading.ts)
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
    const measured = measuredReading(reading)
    if (measured) {
      watch.recordReading(measured)
      this.#record(sensor, this.#evaluators.get(sensor)?.evaluate(measured, watch.meta))
    }
    if (!isRuleOf(this.#rule, 'silence')) return
    const silence = this.#silences.get(sensor)
    if (silence) this.#record(sensor, silence.hear(ts, true))
    else this.#silences.set(sensor, new SilenceEvaluator({ active: false, heardAt: ts }))
  }

  /** The end of the past, epoch ms. */
  end(to: number): void {
    this.#advance(to)
    if (isRuleOf(this.#rule, 'clock')) this.#evaluateClocks(this.#rule)
  }

  /** By arrival, which is known of readings that were ahead; a slow clock cannot be told from what was delivered late. */
  #evaluateClocks({ condition }: RuleOf<'clock'>): void {
    const evaluators = new Map<string, ClockEvaluator>()
    for (const { sensor, at, aheadMs } of this.#clockReadings.sort((a, b) => a.at - b.at)) {
      const evaluator = evaluators.get(sensor) ?? new ClockEvaluator(condition)
      evaluators.set(sensor, evaluator)
      this.#record(sensor, evaluator.evaluate(aheadMs > 0 ? { offMs: aheadMs, at } : undefined, at))
    }
  }

  #record(key: string, transition: Transition | undefined): void {
    if (transition?.type === 'raise') this.#raise(key, [key], transition.at, transition.finding.value)
    if (transition?.type === 'clear') this.#clear(key, transition.at)
  }

  #raise(key: string, sensors: string[], raisedAt: number, value: Value | undefined): void {
    const found: SimulatedAlert = { sensors, raisedAt, ...(value === undefined ? {} : { value }) }
    this.found.push(found)
    this.#open.set(key, found)
  }

  #clear(key: string, at: number): void {
    const found = this.#open.get(key)
    if (found) found.clearedAt = at
    this.#open.delete(key)
  }

  #advance(now: number): void {
    if (isReadingCondition(this.#rule.condition)) return
    while (now - this.#lastTick >= tickMs) {
      this.#lastTick += tickMs
      const leastMs = 3 * this.#spacing(this.#lastTick)
      if (leastMs === Number.POSITIVE_INFINITY) this.#listenAnew()
      if (isRuleOf(this.#rule, 'silence')) this.#evaluateSilence(this.#rule, leastMs)
      if (isRuleOf(this.#rule, 'group')) this.#evaluateGroups(this.#rule, leastMs)
    }
  }

  /** Nothing was received: silence counts from now on. */
  #listenAnew(): void {
    for (const evaluator of this.#silences.values()) evaluator.hear(this.#lastTick, false)
    for (const watch of this.#watches.values()) watch.heardAt = Math.max(watch.heardAt, this.#lastTick)
  }

  #evaluateSilence({ condition }: RuleOf<'silence'>, leastMs: number): void {
    for (const [sensor, evaluator] of this.#silences) {
      const limitMs = silenceLimitMs(condition, this.#watches.get(sensor)?.meta)
      this.#record(sensor, evaluator.pass(this.#lastTick, Math.max(limitMs, leastMs)))
    }
  }

  #evaluateGroups(rule: RuleOf<'group'>, leastMs: number): void {
    const now = this.#lastTick
    for (const watch of this.#watches.values()) watch.leastSilenceMs = Math.max(tickMs, leastMs)
    const known = [...this.#open].map(([key, { sensors }]) => ({ key, sensors }))
    for (const change of evaluateGroups(rule.condition, known, failingUnder(rule, this.#watches, now))) {
      if (change.type === 'clear') this.#clear(change.key, now)
      const open = change.type === 'change' ? this.#open.get(change.key) : undefined
      if (open && change.type === 'change') open.sensors = change.sensors
      if (change.type === 'raise')
        this.#raise(`${change.sensors[0]} ${now}`, change.sensors, now, change.sensors.length)
    }
  }
}
