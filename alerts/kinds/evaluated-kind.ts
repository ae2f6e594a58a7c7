import type { Condition } from '#telemetry/alert-condition.ts'
import type { ConditionTypeOf, Kind } from '#telemetry/kinds.ts'
import type { EvaluatedCondition } from '../conditions/evaluated-condition.ts'

/** How the conditions that a kind has of its own are evaluated. */
export type EvaluatedKind<Id extends Kind> = {
  readonly [Type in ConditionTypeOf<Id>]: EvaluatedCondition<Extract<Condition, { type: Type }>>
}
