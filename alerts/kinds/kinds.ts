import type { ConditionTypeOf, Kind } from '#telemetry/kinds.ts'
import type { EvaluatedCondition } from '../conditions/evaluated-condition.ts'
import { evaluatedAirQuality } from './air-quality.ts'
import type { EvaluatedKind } from './evaluated-kind.ts'
import { evaluatedLighting } from './lighting.ts'
import { evaluatedTraffic } from './traffic.ts'

/** Kinds that have conditions of their own. */
type KindWithConditions = { [Id in Kind]: [ConditionTypeOf<Id>] extends [never] ? never : Id }[Kind]

/** How each of them evaluates these. */
const evaluatedKinds: { readonly [Id in KindWithConditions]: EvaluatedKind<Id> } = {
  traffic: evaluatedTraffic,
  lighting: evaluatedLighting,
  'air-quality': evaluatedAirQuality,
}

/** How the conditions that are of one kind alone are evaluated. */
export const conditionsOfKinds: Readonly<Record<ConditionTypeOf<Kind>, EvaluatedCondition>> = Object.assign(
  {},
  ...Object.values(evaluatedKinds),
)
