import type { Reading } from '#telemetry/reading.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import { defaultPeriod, type SensorMeta } from '#telemetry/sensor.ts'
import type { Unit } from '#telemetry/units.ts'

/** What was found when a rule was broken. */
export interface Finding {
  /** absent for what has no size */
  value?: Value
  /** absent for an index */
  valueName?: string
  limit?: number
  /** of value and limit; empty for an index */
  unit: Unit
}

/** A rule comes to be broken at a sensor, or kept again. `at` is the time of measuring, epoch ms. */
export type Transition = { type: 'raise'; at: number; finding: Finding } | { type: 'clear'; at: number }

/** What one reading says of a rule: beyond its limit, back within it, or between the two, where what was stays. */
export type CheckResult = { is: 'beyond'; finding: Finding } | { is: 'between' } | { is: 'back' }

/** Looks at readings in order of time; undefined when a reading says nothing about the rule. */
export type ConditionCheck = (reading: Reading, meta: SensorMeta | undefined) => CheckResult | undefined

/** One rule at one sensor. Pure: it knows no clock but the readings' own times. */
export interface Evaluator {
  /** whether the rule is broken now */
  readonly active: boolean
  /** Judges a reading. One that is older than any before changes nothing. */
  evaluate(reading: Reading, meta: SensorMeta | undefined): Transition | undefined
  /** Starts anew from this state, as when an alert could not be kept. */
  reset(active: boolean): void
}

/** ms without a reading after which nothing that lasted is taken to have lasted on, unless three periods are longer */
const longestGapMs = 900_000

/** ms between two readings beyond which the time in between is unknown */
export function longestGapOf(meta: SensorMeta | undefined): number {
  return Math.max(longestGapMs, 3_000 * (meta?.period ?? defaultPeriod))
}

/** A value of a reading by its name; undefined when the reading does not hold it. */
export function valueIn(reading: Reading, name: string): Value | undefined {
  // a reading holds no values but those of its kind, each a number or a word
  return (reading.values as Readonly<Record<string, Value | undefined>>)[name]
}
