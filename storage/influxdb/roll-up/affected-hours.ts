import { hourMs } from '#telemetry/durations.ts'
import { stalePeriods } from '#telemetry/period.ts'
import type { ReportingSteps } from '../../reporting-steps.ts'
import type { Span } from '../../roll-up/spans.ts'
import { ceilHour } from '../../roll-up/utc-hours.ts'
import { type DirtyMark, everySensor } from './dirty-marks.ts'

/** Finds the hours whose roll-ups may change with what was written into one: itself, and those into which a reading of it may hold. */
export function affectedHours(steps: ReportingSteps): (mark: Pick<DirtyMark, 'sensor' | 'hour'>) => Span {
  const { longestMs } = steps
  return ({ sensor, hour }) => {
    const stretches = sensor === everySensor ? [] : steps.stretches(sensor, hour, hour + hourMs)
    const stepMs = sensor === everySensor ? longestMs : Math.max(...stretches.map((stretch) => stretch.stepMs))
    // what was written ends how long the reading before it holds too, perhaps of a longer step
    const before = sensor === everySensor ? 0 : steps.longestHoldMsUntil(sensor, hour)
    const until = hour + hourMs - 1 + Math.max(stalePeriods * stepMs, before)
    return { from: hour, to: ceilHour(until + 1) }
  }
}
