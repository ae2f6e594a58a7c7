import { z } from 'zod'
import type { Words } from '../language.ts'

/** The on-delay: s that a condition must be met before it is an alert; at most a day. */
export const forSeconds = z.number().int().min(0).max(86_400)

/** A condition: what a rule may look for, and so the cause of its alerts. */
export interface ConditionDefinition<Type extends string = string, Schema extends z.ZodObject = z.ZodObject> {
  /** as in rules and alerts, on the wire and in the store */
  type: Type
  /** what it is called, as a condition of rules and as the cause of alerts */
  names: Words
  /** the condition of a rule: its type, and what is set of it */
  schema: Schema
  /** what the size of its alerts is called, where that is an index and no value of the sensor */
  index?: Words
  /** the platform came to know it later: installations from before get its default rules, too, each once */
  cameLater?: true
}

/** The condition of a rule as it is given: what is left out is as usual. */
export type GivenOf<Definition> = Definition extends { schema: infer Schema extends z.ZodType }
  ? z.input<Schema>
  : never

/** Makes a condition of its type, its names and what is set of it. */
export function defineCondition<const Type extends string, Settings extends z.ZodRawShape>(
  type: Type,
  names: Words,
  settings: Settings,
  more: Pick<ConditionDefinition, 'index' | 'cameLater'> = {},
) {
  const schema = z.object({ type: z.literal(type), ...settings })
  return { type, names, schema, ...more } satisfies ConditionDefinition
}
