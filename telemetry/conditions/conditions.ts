import { conditionsOfKinds, failuresOfKinds, type KindCondition } from '../kinds.ts'
import type { ConditionDefinition } from './define-condition.ts'
import { generalConditions, generalFailures, groupCondition } from './general-conditions.ts'

/** What makes a sensor of a group count as failing, with what it is called: in general, and at sensors of one kind. */
export const failureWords = { ...generalFailures, ...failuresOfKinds }
export type Failure = keyof typeof failureWords
export const failures = Object.keys(failureWords) as Failure[] // its own keys

const group = groupCondition(failures)

type GeneralDefinition = (typeof generalConditions)[number] | typeof group
type Definition = GeneralDefinition | KindCondition

/** What a rule looks for, and so why there is an alert. */
export type Cause = Definition['type']
/** Of these, those that are not about one kind alone. */
export type GeneralCause = GeneralDefinition['type']

/** Every condition there is: those for sensors of every kind, then those that kinds have of their own. */
export const conditions: readonly Definition[] = [...generalConditions, group, ...conditionsOfKinds]

/** A condition by its type. */
export const conditionOf = Object.fromEntries(
  conditions.map((one): [Cause, ConditionDefinition] => [one.type, one]),
) as Readonly<Record<Cause, ConditionDefinition>> // one for each
