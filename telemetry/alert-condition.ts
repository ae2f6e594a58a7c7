import { z } from 'zod'
import { type Cause, conditions } from './conditions/conditions.ts'
import { causeWords } from './glossary/alert-cause.ts'
import { wordedEnum } from './glossary/worded-enum.ts'

type Schema = (typeof conditions)[number]['schema']
const schemas = conditions.map(({ schema }) => schema)

/** What a rule looks for; `type` is also the cause of its alerts. */
export const conditionSchema = z.discriminatedUnion('type', schemas as [Schema, ...Schema[]]) // there are some
export type Condition = z.infer<typeof conditionSchema>

/** Every cause of an alert, in the order they are listed. */
export const causes: readonly Cause[] = conditions.map(({ type }) => type)
export const causeSchema = wordedEnum(causes, causeWords)
