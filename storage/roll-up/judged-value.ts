import type { Reading } from '#telemetry/reading.ts'
import { valuesOf } from '#telemetry/reading.ts'
import type { CorrectionSegment, Exclusion } from '../roll-ups.ts'
import { toSteps } from './steps.ts'

/** One value of one reading, and whether it counts. */
export interface JudgedValue {
  /** epoch ms */
  ts: number
  /** what it counts as, corrected where a person said so */
  steps: number
  /** why it does not count; absent when it does */
  exclusion?: Exclusion
  /** a person's correction left it out or changed it */
  corrected: boolean
}

/** most steps that a corrected value may have: what is larger is no longer exact */
const mostSteps = Number.MAX_SAFE_INTEGER

const isChanging = ({ exclusion, factor, offset }: CorrectionSegment) =>
  exclusion !== undefined || factor !== 1 || offset !== 0

/**
 * Whether a value of a reading counts, and as what; undefined when the reading does not hold it. A clock that was ahead comes
 * first, then the state that the device said, then what a person decided. `segments` are those of this value.
 */
export function judgeValue(
  reading: Reading,
  value: string,
  segments: readonly CorrectionSegment[],
): JudgedValue | undefined {
  const { ts, aheadMs, states } = reading
  const measured = valuesOf(reading)[value]
  if (typeof measured !== 'number') return undefined
  const unusable = aheadMs === undefined ? states?.[value] : 'clock'
  if (unusable !== undefined) return { ts, steps: toSteps(measured), exclusion: unusable, corrected: false }
  const segment = segments.find(({ from, to }) => from <= ts && ts < to)
  if (segment === undefined || !isChanging(segment)) return { ts, steps: toSteps(measured), corrected: false }
  const { exclusion, factor, offset } = segment
  if (exclusion !== undefined) return { ts, steps: toSteps(measured), exclusion, corrected: true }
  const steps = toSteps(measured * factor + offset)
  return { ts, steps: Math.min(Math.max(steps, -mostSteps), mostSteps), corrected: true }
}
