import type { Condition } from '#telemetry/alert-condition.ts'
import type { ClockHours } from '#telemetry/clock-hours.ts'
import type { ConditionCheck } from './condition-check.ts'

/** What a check needs beside its condition. */
export interface CheckContext {
  /** of the city's clock */
  hours: ClockHours
}

/** How a condition is evaluated from readings. */
export interface EvaluatedCondition<One extends Condition = Condition> {
  /** Creates its check at one sensor. */
  createCheck(condition: One, context: CheckContext): ConditionCheck
  /** How far back, ms, readings are needed to know the state of its check; its on-delay when absent. */
  memoryMs?(condition: One): number
}
