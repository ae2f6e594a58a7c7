import type { Condition } from '#telemetry/alert-condition.ts'
import { ClockHours } from '#telemetry/clock-hours.ts'
import type { ConditionCheck } from '../conditions/condition-check.ts'
import { createOwnLevelCheck } from '../conditions/own-level.ts'
import { createRateCheck } from '../conditions/rate-of-change.ts'
import { createStuckCheck } from '../conditions/stuck-value.ts'
import { createThresholdCheck } from '../conditions/threshold.ts'
import { createVnAqiCheck } from '../kinds/air-quality.ts'
import { createLampCheck, createLampFaultCheck, createLampPowerCheck } from '../kinds/lighting.ts'
import { createCongestionCheck } from '../kinds/traffic.ts'
import type { Evaluator } from './evaluator.ts'
import { OnDelayEvaluator } from './on-delay.ts'

/** A condition that is evaluated from readings alone: the others need a clock or the neighbours. */
export type ReadingCondition = Exclude<Condition, { type: 'silence' | 'group' | 'clock' }>

export const isReadingCondition = (condition: Condition): condition is ReadingCondition =>
  condition.type !== 'silence' && condition.type !== 'group' && condition.type !== 'clock'

function createCheck(condition: ReadingCondition, hours: ClockHours): ConditionCheck {
  switch (condition.type) {
    case 'threshold':
      return createThresholdCheck(condition)
    case 'own-level':
      return createOwnLevelCheck(condition)
    case 'rate':
      return createRateCheck(condition)
    case 'stuck':
      return createStuckCheck(condition)
    case 'lamp-dark':
      return createLampCheck('lampFailure')
    case 'lamp-burning':
      return createLampCheck('lampUnexpectedOn')
    case 'lamp-fault':
      return createLampFaultCheck()
    case 'lamp-power':
      return createLampPowerCheck()
    case 'vn-aqi':
      return createVnAqiCheck(condition, hours)
    case 'congestion':
      return createCongestionCheck(condition)
  }
}

/** hours of the default zone, cached for all evaluators together */
const defaultHours = new ClockHours()

/** Creates the evaluator of a condition at one sensor; `active`: an alert of it is open; `hours`: those of the city's clock. */
export function createEvaluator(condition: ReadingCondition, active = false, hours = defaultHours): Evaluator {
  const onDelayMs = 'forSeconds' in condition ? condition.forSeconds * 1_000 : 0
  return new OnDelayEvaluator(createCheck(condition, hours), { onDelayMs, active })
}
