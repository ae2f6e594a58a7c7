import { dayMs } from '#telemetry/durations.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { QueryContext } from './query-context.ts'

/** Numbers are summed in whole steps of this many per unit, so that no order of addition changes a sum. */
export const stepsPerUnit = 1_000_000

/** ms before the first bucket in which the reading is looked for that a counter's first increase is counted from */
export const increaseLookbackMs = 40 * dayMs

/** Why a value is kept but left out of means, indices and coverage. `clock`: measured by a clock that was ahead. */
export const exclusions = ['calibrating', 'error', 'maintenance', 'invalid', 'clock'] as const
export type Exclusion = (typeof exclusions)[number]

/** What was decided about a span of one value: never two of one value at one time (history/ flattens what people entered). */
export interface CorrectionSegment {
  /** name of the value */
  value: string
  /** epoch ms: readings with `from <= ts < to` */
  from: number
  to: number
  /** left out for this reason; otherwise the value counts as `value * factor + offset` */
  exclusion?: Exclusion
  factor: number
  offset: number
}

/** All that is decided about the values of one sensor. */
export interface SensorCorrections {
  kind: Kind
  sensor: string
  segments: readonly CorrectionSegment[]
  /** epoch ms: the span whose hours change */
  from: number
  to: number
}

/** What the readings of a bucket add up to: of those of one group, or of one sensor. Sums are in steps ({@link stepsPerUnit}). */
export interface RollUp {
  /** readings that count: measured, and not excluded */
  count: number
  sum: bigint
  /** in the value's unit, rounded to a step; absent when count is 0 */
  min?: number
  max?: number
  /** of the steps */
  sumOfSquares: bigint
  /**
   * steps × ms: each reading that counts holds until the next that has the value, counting or not, at most three of the steps in
   * force at its time (reporting-steps.ts). Within each hour (UTC), or part of one that lies in the bucket and in the member's
   * time, the one before it holds on; an hour or part without a reading of its own has nothing.
   */
  weighted: bigint
  /** ms that readings hold, within the bucket */
  coveredMs: number
  /** of several of one time the smallest */
  first?: { ts: number; value: number }
  /** of several of one time the largest */
  last?: { ts: number; value: number }
  /**
   * steps: what a counter grew by since the reading before that counts, resets (a smaller reading: it began anew at 0) understood;
   * that reading may be of another bucket or group, but no older than {@link increaseLookbackMs} before the first bucket
   */
  increase: bigint
  /** readings left out, by why */
  excluded: Readonly<Partial<Record<Exclusion, number>>>
  /** readings of `count` and `excluded` that a person's correction changed or left out */
  corrected: number
}

/** Sensors of one kind, each in a group (0, 1, 2 …) while it was there: `from <= ts < to`, epoch ms. One sensor may stand several times. */
export interface Member {
  sensor: string
  group: number
  from?: number
  to?: number
}

/** Which roll-ups to give. */
export interface RollUpQuery {
  kind: Kind
  /** name of a numeric value */
  value: string
  members: readonly Member[]
  /**
   * Starts of the buckets in order, and the end of the last one (epoch ms): at most 20,001. Whole hours (UTC) are answered from
   * roll-ups, whole local days from those of days; any other edge from readings.
   */
  edges: readonly number[]
  /** false: nobody needs `first`, `last` and `increase`, which a store may then leave out (0); it may answer sooner */
  ends?: boolean
  /** false: nobody needs `sumOfSquares` and `weighted`, which a store may then leave out (0); it may answer sooner */
  weights?: boolean
}

/** One bucket of one group that has readings. */
export interface RollUpCell extends RollUp {
  group: number
  /** start of the bucket, epoch ms */
  start: number
}

/** Percentiles by linear interpolation between the closest ranks (Excel's PERCENTILE.INC), of readings that count. */
export interface PercentilesQuery extends RollUpQuery {
  /** 0 to 1 */
  shares: readonly number[]
}

/** For how long a value was above a limit: each reading holds until the next, at most three periods. */
export interface AboveQuery extends RollUpQuery {
  limit: number
}

/** Sensor-hours that were written to after they were rolled up. */
export interface UpkeepState {
  /** epoch ms: all hours before are rolled up but those that are dirty; undefined: none yet */
  rolledTo: number | undefined
  /** epoch ms: roll-ups before stay as they are, for their readings are gone */
  frozenTo: number
  /** sensor-hours that are dirty */
  dirty: number
  /** epoch ms: when the oldest of these became so */
  dirtySince: number | undefined
}

/** What a step of the upkeep did. */
export interface UpkeepStep {
  /** sensor-hours rolled up */
  hours: number
  /** readings read for them */
  readings: number
  /** whether there is more to do now */
  more: boolean
}

/**
 * Roll-ups: sums of readings per sensor and hour (UTC), and per sensor and local day. They are recomputed from readings, never
 * incremented; whatever `write` stores into an hour that is rolled up already makes that hour dirty, durably and no later than the
 * readings. So does `appendEvents` with the hours whose reporting steps it changes (streams `period` and `backfill`). Every answer
 * is right at every moment: dirty hours and those not rolled up yet are answered from readings.
 */
export interface RollUpStorage {
  /** By group and time; buckets without readings that hold the value are left out. @throws RangeError for a value that is no number of the kind, or no buckets */
  rollUps(query: RollUpQuery, context?: QueryContext): Promise<RollUpCell[]>
  /** From readings alone; buckets without a reading that counts are left out. */
  percentiles(
    query: PercentilesQuery,
    context?: QueryContext,
  ): Promise<{ group: number; start: number; values: number[] }[]>
  /** From readings, and from roll-ups of hours that lie on one side of the limit altogether. */
  above(
    query: AboveQuery,
    context?: QueryContext,
  ): Promise<{ group: number; start: number; aboveMs: number; coveredMs: number }[]>
  /** How many readings, and how many rolled-up hours and days, these questions would look at: to weigh them beforehand. */
  weigh(query: RollUpQuery): Promise<{ readings: number; rollUps: number }>
  /** How far the roll-ups are. */
  upkeepState(): Promise<UpkeepState>
  /**
   * Recomputes some dirty hours, then rolls up hours that ended before `until` (epoch ms), and the days of both: at most about
   * `maxReadings` readings, one short transaction. Idempotent; may be ended at any moment.
   */
  upkeep(step: { until: number; maxReadings: number }): Promise<UpkeepStep>
  /** Replaces what is decided about a sensor's values, and makes the hours it changes dirty in the same step. */
  putCorrections(correction: SensorCorrections): Promise<void>
  /** Deletes roll-ups of hours and days before this time (epoch ms); answers of that time come from readings where they are still there. */
  trimRollUps(before: number): Promise<void>
  /** Forgets all roll-ups that are not frozen: the upkeep makes them anew. */
  resetRollUps(): Promise<void>
}
