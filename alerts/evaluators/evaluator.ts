import { staleAfterMs } from '#telemetry/period.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import type { Finding } from '../conditions/condition-check.ts'

/** A rule becomes active at a sensor, or returns to normal. `at` is the time of measuring, epoch ms. */
export type Transition = { type: 'raise'; at: number; finding: Finding } | { type: 'clear'; at: number }

/** Evaluates one rule at one sensor. Pure: its only clock is the times of the readings. */
export interface Evaluator {
  /** whether the condition is met now */
  readonly active: boolean
  /** Evaluates a reading. One that is older than the newest changes nothing. */
  evaluate(reading: Reading, meta: SensorMeta | undefined): Transition | undefined
  /** Starts again from this state, such as when an alert was refused. */
  reset(active: boolean): void
}

/** ms without a reading that break an on-delay, unless three periods are longer */
const longestGapMs = 900_000

/** ms between two readings beyond which the state in between is unknown, and an on-delay starts again */
export function longestGapOf(meta: SensorMeta | undefined): number {
  return Math.max(longestGapMs, staleAfterMs(meta))
}
