import type { Condition } from '#telemetry/alert-condition.ts'
import { ClockHours } from '#telemetry/clock-hours.ts'
import { rateLook } from '../conditions/rate-of-change.ts'
import { stuckLook } from '../conditions/stuck-value.ts'
import { congestionLook, lampLook, thresholdLook } from '../conditions/threshold.ts'
import { vnAqiLook } from '../conditions/vn-aqi.ts'
import type { Judge, Look } from './evaluator.ts'
import { Latch } from './on-delay.ts'

/** A condition that readings alone can break: the others need a clock or the neighbours. */
export type ReadingCondition = Exclude<Condition, { type: 'silence' | 'group' | 'clock' }>

export const isReadingCondition = (condition: Condition): condition is ReadingCondition =>
  condition.type !== 'silence' && condition.type !== 'group' && condition.type !== 'clock'

function lookOf(condition: ReadingCondition, hours: ClockHours): Look {
  switch (condition.type) {
    case 'threshold':
      return thresholdLook(condition)
    case 'rate':
      return rateLook(condition)
    case 'stuck':
      return stuckLook(condition)
    case 'lamp-dark':
      return lampLook('lampFailure')
    case 'lamp-burning':
      return lampLook('lampUnexpectedOn')
    case 'vn-aqi':
      return vnAqiLook(condition, hours)
    case 'congestion':
      return congestionLook(condition)
  }
}

/** hours of the default zone: the same for all judges, which remember them together */
const defaultHours = new ClockHours()

/** The judge of a condition at one sensor; `active` when an alert of it is open; `hours` are those of the city's clock. */
export function judgeOf(condition: ReadingCondition, active = false, hours = defaultHours): Judge {
  const forMs = 'forSeconds' in condition ? condition.forSeconds * 1_000 : 0
  return new Latch(lookOf(condition, hours), { forMs, active })
}
