import { type Condition, conditionSchema } from '#telemetry/alert-condition.ts'
import type { AlertRule, Scope } from '#telemetry/alert-rule.ts'
import type { ClockState } from '#telemetry/clock.ts'
import type { Failure } from '#telemetry/conditions/conditions.ts'
import { type ConnectionState, connectionOf } from '#telemetry/connection.ts'
import { type Kind, kindOf } from '#telemetry/kinds.ts'
import { unite } from '#telemetry/newest.ts'
import { staleAfterMs } from '#telemetry/period.ts'
import { type Reading, valuesOf } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import type { SensorTopic } from '#telemetry/topics.ts'
import type { ClockEvaluator } from '../evaluators/clock-evaluator.ts'
import { createEvaluator, isReadingCondition } from '../evaluators/create-evaluator.ts'
import type { Evaluator, Transition } from '../evaluators/evaluator.ts'
import type { SilenceEvaluator } from '../evaluators/silence-evaluator.ts'

/** A rule with a condition of this type. */
export type RuleOf<Type extends Condition['type']> = AlertRule & { condition: Extract<Condition, { type: Type }> }

/** Whether a rule has a condition of this type. */
export function isRuleOf<Type extends Condition['type']>(rule: AlertRule, type: Type): rule is RuleOf<Type> {
  return rule.condition.type === type
}

/** The evaluator of a rule that needs readings alone, at one sensor. */
export interface RuleEvaluator {
  rule: AlertRule
  evaluator: Evaluator
  /** the last transition found in stored readings */
  pastTransition?: Transition | undefined
}

/** The evaluator of a rule about silence, at one sensor. */
export interface SilenceRuleEvaluator {
  sensor: MonitoredSensor
  rule: RuleOf<'silence'>
  evaluator: SilenceEvaluator
}

/** The evaluator of a rule about clocks, at one sensor. */
export interface ClockRuleEvaluator {
  rule: RuleOf<'clock'>
  evaluator: ClockEvaluator
}

/** Where a sensor is. */
type Place = Pick<SensorTopic, 'district' | 'kind'>

/** Meta and connection of a sensor, as reported at a place. */
export interface ReportedPlace extends Place {
  meta?: SensorMeta | undefined
  connection?: ConnectionState | undefined
}

/** One sensor with the evaluators of every rule that applies to it. */
export class MonitoredSensor {
  readonly id: string
  readonly district: string
  readonly kind: Kind
  meta: SensorMeta | undefined
  connection: ConnectionState | undefined
  /** newest of every value that was evaluated; what arrived from a slow clock has the time of its arrival */
  newest: Reading | undefined
  /** what is known of its clock */
  clock: ClockState = {}
  /** epoch ms: when a reading of it last arrived, or monitoring began */
  heardAt: number
  /** least ms of silence that makes it count as failing in a group */
  leastSilenceMs = 60_000
  readonly evaluators = new Map<string, RuleEvaluator>()
  readonly silences = new Map<string, SilenceRuleEvaluator>()
  readonly clocks = new Map<string, ClockRuleEvaluator>()
  /** ids of the rules that apply to it */
  rules: ReadonlySet<string> = new Set()
  /** per rule about groups: since when it fails, epoch ms */
  readonly failingSince = new Map<string, number>()
  /** per way of failing that is a condition of its kind */
  readonly #failures: ReadonlyMap<string, Evaluator>
  #elsewhere: ReportedPlace | undefined

  constructor({ sensor, district, kind }: { sensor: string; district: string; kind: Kind }, now: number) {
    this.id = sensor
    this.district = district
    this.kind = kind
    this.heardAt = now
    this.#failures = failuresOf(kind)
  }

  /** Whether this is where it is monitored. */
  isAt({ district, kind }: Place): boolean {
    return this.district === district && this.kind === kind
  }

  /** Meta and connection of the other place that was last reported, such as a former one; they do not count here. */
  get elsewhere(): ReportedPlace | undefined {
    return this.#elsewhere
  }

  /** Meta and connection of another place, if that was the last one reported. */
  reportedAt({ district, kind }: Place): ReportedPlace | undefined {
    return this.#elsewhere?.district === district && this.#elsewhere.kind === kind ? this.#elsewhere : undefined
  }

  /** Records meta or connection of another place, for when the sensor is monitored there. */
  recordElsewhere(place: Place, reported: Omit<ReportedPlace, keyof Place>): void {
    const { district, kind } = place
    this.#elsewhere = { ...this.reportedAt(place), district, kind, ...reported }
  }

  /** Whether a rule of this scope applies to it. Its ward is known once its meta has come. */
  isIn({ kind, districts, wards, sensors }: Scope, ward = this.meta?.ward): boolean {
    return (
      this.kind === kind &&
      (districts?.includes(this.district) ?? true) &&
      (wards === undefined || (ward !== undefined && wards.includes(ward))) &&
      (sensors?.includes(this.id) ?? true)
    )
  }

  /** Records a reading, for the rules about groups too. */
  recordReading(reading: Reading): void {
    const held = this.newest && { reading: this.newest, arrivedAt: this.newest.ts }
    this.newest = (held && unite(held, { reading, arrivedAt: reading.ts })?.reading) ?? reading
    for (const failure of this.#failures.values()) failure.evaluate(reading, this.meta)
  }

  /** Whether it fails in one of these ways at `now`. */
  fails(ways: readonly Failure[], now: number): boolean {
    return ways.some((way) => {
      switch (way) {
        case 'silence':
          return now - this.heardAt > Math.max(this.leastSilenceMs, staleAfterMs(this.meta))
        case 'offline':
          return connectionOf(this.connection) === 'offline'
      }
      const evaluator = this.#failures.get(way)
      if (evaluator) return evaluator.active
      const failure = kindOf(this.kind).failures?.[way]
      return this.newest !== undefined && failure !== undefined && 'isFailing' in failure
        ? failure.isFailing(valuesOf(this.newest))
        : false
    })
  }
}

/** An evaluator for each way in which sensors of a kind fail that is a condition. */
function failuresOf(kind: Kind): ReadonlyMap<string, Evaluator> {
  const evaluators = new Map<string, Evaluator>()
  for (const [way, failure] of Object.entries(kindOf(kind).failures ?? {})) {
    const condition = 'condition' in failure ? conditionSchema.parse(failure.condition) : undefined
    if (condition && isReadingCondition(condition)) evaluators.set(way, createEvaluator(condition))
  }
  return evaluators
}
