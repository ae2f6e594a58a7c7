import { z } from 'zod'
import type { ConditionDefinition, GivenOf } from '../conditions/define-condition.ts'
import type { GeneralConditionGiven } from '../conditions/general-conditions.ts'
import { wordedEnum } from '../glossary/worded-enum.ts'
import type { Words } from '../language.ts'
import { plainLine } from '../plain-text.ts'
import { positionSchema } from '../position.ts'
import { idSchema } from '../reading-parts.ts'
import type { Unit } from '../units.ts'
import type { DefaultRule } from './default-rule.ts'

/** How a value is called, measured and written. */
export interface ValueWords extends Words {
  type: 'number' | 'word'
  /** unit as shown, the same in every language; empty when there is none. `share` values are 0–1 and shown in per cent */
  unit: Unit
  share?: true
  /** counted anew in each of the sensor's periods: it means nothing without knowing how long that is */
  perPeriod?: true
  /** it only grows, but where it begins anew at 0: what counts is by how much */
  counter?: true
  /** digits after the decimal point on the screen */
  digits: number
  /** what people read for each value that is a word */
  words?: Readonly<Record<string, Words>>
}

/** One value of a kind, said once: what it may hold, and {@link ValueWords}. */
export interface ValueDefinition<Schema extends z.ZodType> extends ValueWords {
  schema: Schema
}

/** A number: its unit, the digits shown, what it may hold, its name. */
export const number = <Schema extends z.ZodType<number>>(
  unit: Unit,
  digits: number,
  schema: Schema,
  vi: string,
  en: string,
): ValueDefinition<Schema> => ({ type: 'number', unit, digits, schema, vi, en })

const zeroToOne = z.number().min(0).max(1)

/** A number from 0 to 1, shown in per cent. */
export const share = (vi: string, en: string): ValueDefinition<typeof zeroToOne> => ({
  ...{ type: 'number', unit: '%', share: true, digits: 0 },
  ...{ schema: zeroToOne, vi, en },
})

/** One of a few words, each with what people read. */
export const word = <const Option extends string>(words: Readonly<Record<Option, Words>>, vi: string, en: string) => ({
  ...({ type: 'word', unit: '', digits: 0 } as const),
  ...{ schema: wordedEnum(Object.keys(words) as Option[], words), words, vi, en }, // its own keys
})

/** What every battery-powered sensor tells. */
export const battery = share('Pin', 'Battery')

const name = plainLine.min(1).max(120)
/** most tags of one sensor */
const maxTags = 16

/** What sensors of every kind say of themselves once. */
export const commonMeta = {
  name: z.object({ vi: name, en: name }),
  position: positionSchema,
  /** id of the ward it stands in */
  ward: idSchema.optional(),
  /** id of the road it watches */
  road: idSchema.optional(),
  /** words of the installation's own that sensors are asked for by, such as `school` */
  tags: z.array(idSchema).min(1).max(maxTags).optional(),
  model: plainLine.max(120).optional(),
  /** its readings are made up: figures that rest on them say so */
  simulated: z.literal(true).optional(),
  /** seconds between two readings; a sensor is stale after three of them */
  period: z.number().min(0.1).max(86_400),
}

/** A line that a value is judged by. */
export interface ValueLimit extends Words {
  /** in the value's own unit */
  value: number
}

/** What is not normal about a sensor. How severe it is is not the kind's to say: see severity.ts. */
export interface KindFinding<Cause extends string = string> {
  cause: Cause
}

/**
 * One way in which a sensor fails, beside silence and a lost connection: what it is called, and while an alert of which condition would
 * be open, or by the newest of its values.
 */
export type KindFailure<Values, Given> = { names: Words } & (
  | { condition: Given }
  | { isFailing(values: Values): boolean }
)

/** A refusal that only a kind knows: the params of its code, and how it is said with them. */
export interface KindRefusal<Params extends z.ZodObject> {
  params: Params
  vi(params: z.infer<Params>): string
  en(params: z.infer<Params>): string
}
export type KindRefusals = Readonly<Record<string, KindRefusal<z.ZodObject>>>

/** A refusal: its params, and its words in both languages without the name of the value, which stands in front of them. */
export const refusal = <Params extends z.ZodObject>(
  params: Params,
  vi: (params: z.infer<Params>) => string,
  en: (params: z.infer<Params>) => string,
): KindRefusal<Params> => ({ params, vi, en })

/**
 * Refuses values of a reading, or of a meta, that contradict one another, by a code of the kind's own. The first of them is the one
 * it is said of; none of them is kept, for which of them is wrong nobody knows.
 */
export type Refuse<Refusals extends KindRefusals, Name extends string> = <Code extends keyof Refusals & string>(
  code: Code,
  params: z.infer<Refusals[Code]['params']>,
  ...values: readonly [Name, ...Name[]]
) => void

/** How a check of these refusals says them of the values that are parsed. */
export function refuseIn<Refusals extends KindRefusals, Name extends string>(
  context: z.RefinementCtx,
  refusals: Refusals,
): Refuse<Refusals, Name> {
  return (code, params, ...names) =>
    context.addIssue({
      code: 'custom',
      path: [names[0]],
      params: { values: names, fault: { code, params } },
      message: refusals[code]?.en(params) ?? code,
    })
}

type ValueSchemas<Values> = {
  [Name in keyof Values]: Values[Name] extends { schema: infer Schema extends z.ZodType }
    ? z.ZodOptional<Schema>
    : never
}
type ValuesOf<Values> = z.infer<z.ZodObject<ValueSchemas<Values>>>
type MetaOf<Meta> = z.infer<z.ZodObject<typeof commonMeta & ValueSchemas<Meta>>>

/** The condition of a rule about a kind: one of its own, or one for sensors of every kind. */
type ConditionGivenOf<Conditions extends readonly ConditionDefinition[], Failure extends string = never> =
  | GivenOf<Conditions[number]>
  | GeneralConditionGiven<Failure>

/** All that is particular to one kind of sensor. */
export interface KindDefinition<
  Id extends string,
  Values extends Record<string, ValueDefinition<z.ZodType>>,
  Meta extends Record<string, ValueDefinition<z.ZodType>>,
  Cause extends string,
  Refusals extends KindRefusals,
  Conditions extends readonly ConditionDefinition[],
  Failure extends string,
> {
  /** as in topics, tables and addresses */
  id: Id
  names: Words
  /** what one such sensor is called, in English with its article: for refusals */
  called: Words
  /** every value in the order it is shown; the first is the kind's leading value. A reading holds at least one */
  values: Values
  /** what {@link check} and {@link checkMeta} may say, by its code; a code is of one kind alone, and of no other refusal of messages */
  refusals: Refusals
  /** contradictions between values of one reading */
  check?(values: ValuesOf<Values>, refuse: Refuse<Refusals, keyof Values & string>): void
  /** what such a sensor says of itself beside {@link commonMeta}, in the order it is shown; each optional */
  meta: Meta
  /** contradictions within what a sensor says of itself anew, such as limits in the wrong order */
  checkMeta?(meta: MetaOf<Meta>, refuse: Refuse<Refusals, keyof Meta & string>): void
  /** what can be wrong by its values, in the order it is listed */
  causes: readonly Cause[]
  /** the value of which {@link finding} is told how far it has risen within a time */
  rise?: { value: keyof Values & string; withinSeconds: number }
  /**
   * What is wrong by the newest values, measured at `ts` (epoch ms); undefined when nothing is. `risen`: how far the value of
   * {@link rise} stands above its smallest within that time, in its unit, as far as that is known.
   */
  finding(
    values: ValuesOf<Values>,
    meta: MetaOf<Meta> | undefined,
    ts: number,
    risen?: number,
  ): KindFinding<Cause> | undefined
  /** lines that a value is judged by at `ts` (epoch ms): what its chart draws */
  limits(name: string, meta: MetaOf<Meta> | undefined, ts: number): readonly ValueLimit[]
  /** whether a valid reading can be true: its values agree with one another and with what the sensor says of itself */
  isPlausible(values: ValuesOf<Values>, meta: Partial<MetaOf<Meta>> | undefined): boolean
  /** conditions of rules that are about this kind alone; how each is evaluated is in alerts/kinds/ */
  conditions: Conditions
  /** ways of failing that are about this kind alone: what rules about groups may look for */
  failures?: Readonly<Record<Failure, KindFailure<ValuesOf<Values>, ConditionGivenOf<Conditions>>>>
  /** the platform came to know it later: installations from before get its rules, too, each once */
  cameLater?: true
  /** the rules of a new installation, by id */
  rules: Readonly<Record<string, DefaultRule<ConditionGivenOf<Conditions, NoInfer<Failure>>>>>
  /** whether such sensors take commands */
  takesCommands?: true
  /** whether an order to give this share of full light (0 to 1) is why there is an alert, a failure or a finding of this cause */
  isExplainedByOrder?(cause: NoInfer<Conditions[number]['type'] | Cause | Failure>, level: number): boolean
  /** whether the values are what an order to give this share of full light (0 to 1) asks for; undefined when they do not say */
  isFollowingOrder?(values: ValuesOf<Values>, meta: MetaOf<Meta> | undefined, level: number): boolean | undefined
}

/** A kind, with what follows from its definition. */
export type DefinedKind<
  Id extends string,
  Values extends Record<string, ValueDefinition<z.ZodType>>,
  Meta extends Record<string, ValueDefinition<z.ZodType>>,
  Cause extends string,
  Refusals extends KindRefusals,
  Conditions extends readonly ConditionDefinition[],
  Failure extends string,
> = KindDefinition<Id, Values, Meta, Cause, Refusals, Conditions, Failure> & {
  /** what a reading's values may be */
  schema: z.ZodObject<ValueSchemas<Values>>
  /** the same without what is checked between values of one reading: of values of several messages or times it does not hold */
  unitedSchema: z.ZodObject<ValueSchemas<Values>>
  /** the values, each by itself; there may be none */
  looseSchema: z.ZodObject<ValueSchemas<Values>>
  /** what such a sensor may say of itself beside {@link commonMeta} */
  metaShape: ValueSchemas<Meta>
}

/** The schemas of definitions by their names; each may be absent. */
function optionalSchemas<Definitions extends Record<string, ValueDefinition<z.ZodType>>>(
  definitions: Definitions,
): ValueSchemas<Definitions> {
  const shape = Object.fromEntries(Object.entries(definitions).map(([name, { schema }]) => [name, schema.optional()]))
  return shape as ValueSchemas<Definitions> // the same names, each with its own schema
}

/** Makes a kind of its definition. */
export function defineKind<
  const Id extends string,
  Values extends Record<string, ValueDefinition<z.ZodType>>,
  Meta extends Record<string, ValueDefinition<z.ZodType>>,
  const Cause extends string,
  Refusals extends KindRefusals,
  const Conditions extends readonly ConditionDefinition[],
  const Failure extends string = never,
>(
  definition: KindDefinition<Id, Values, Meta, Cause, Refusals, Conditions, Failure>,
): DefinedKind<Id, Values, Meta, Cause, Refusals, Conditions, Failure> {
  const { id, values, meta, called, refusals, check } = definition
  const looseSchema = z.object(optionalSchemas(values))
  const unitedSchema = looseSchema.superRefine((held, context) => {
    if (!Object.values(held).some((value) => value !== undefined))
      context.addIssue({
        code: 'custom',
        message: `holds no known value of ${called.en}`,
        params: { fault: { code: 'NO_KNOWN_VALUE', params: { kind: id } } },
      })
  })
  const schema = unitedSchema.superRefine((held, context) =>
    check?.(held as ValuesOf<Values>, refuseIn(context, refusals)),
  )
  return { ...definition, schema, unitedSchema, looseSchema, metaShape: optionalSchemas(meta) }
}
