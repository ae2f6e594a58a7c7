import type { Condition } from '#telemetry/alert-condition.ts'
import { ClockHours } from '#telemetry/clock-hours.ts'
import type { EvaluatedCondition } from '../conditions/evaluated-condition.ts'
import { generalConditions, type MonitoredCause } from '../conditions/general-conditions.ts'
import { conditionsOfKinds } from '../kinds/kinds.ts'
import type { Evaluator } from './evaluator.ts'
import { OnDelayEvaluator } from './on-delay.ts'

/** A condition that is evaluated from readings alone: the others need a clock or the neighbours. */
export type ReadingCondition = Exclude<Condition, { type: MonitoredCause }>

/** How each of these is evaluated. */
const evaluated: Readonly<Record<ReadingCondition['type'], EvaluatedCondition>> = {
  ...generalConditions,
  ...conditionsOfKinds,
}

export const isReadingCondition = (condition: Condition): condition is ReadingCondition =>
  Object.hasOwn(evaluated, condition.type)

const onDelayMsOf = (condition: Condition) => ('forSeconds' in condition ? condition.forSeconds * 1_000 : 0)

/** How far back, ms, readings are needed to know the state of a condition. */
export const memoryMsOf = (condition: Condition): number =>
  (isReadingCondition(condition) && evaluated[condition.type].memoryMs?.(condition)) || onDelayMsOf(condition)

/** hours of the default zone, cached for all evaluators together */
const defaultHours = new ClockHours()

/** Creates the evaluator of a condition at one sensor; `active`: an alert of it is open; `hours`: those of the city's clock. */
export function createEvaluator(condition: ReadingCondition, active = false, hours = defaultHours): Evaluator {
  const check = evaluated[condition.type].createCheck(condition, { hours })
  return new OnDelayEvaluator(check, { onDelayMs: onDelayMsOf(condition), active })
}
