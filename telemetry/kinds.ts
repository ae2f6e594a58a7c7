import { z } from 'zod'
import type { ConditionDefinition } from './conditions/define-condition.ts'
import { airQuality } from './kinds/air-quality/kind.ts'
import type { DefaultRule } from './kinds/default-rule.ts'
import type {
  KindDefinition,
  KindFailure,
  KindFinding,
  KindRefusals,
  Refuse,
  ValueDefinition,
  ValueLimit,
} from './kinds/define-kind.ts'
import { lighting } from './kinds/lighting/kind.ts'
import { traffic } from './kinds/traffic/kind.ts'
import { waterLevel } from './kinds/water-level/kind.ts'
import type { Words } from './language.ts'
import type { Value, Values } from './reading-parts.ts'

/** The kinds of sensor the platform knows, in the order they are listed everywhere: a further one is a line here. */
const list = [traffic, lighting, airQuality, waterLevel] as const

type Module = (typeof list)[number]
export type Kind = Module['id']

/** Every kind by its id, with the types of its own values. */
export type KindModules = { [One in Module as One['id']]: One }
export const kindModules = Object.fromEntries(list.map((one) => [one.id, one])) as KindModules // the ids are its own

export const kinds: readonly Kind[] = list.map(({ id }) => id)
export const kindSchema = z.enum(list.map(({ id }) => id))

/** Makes something for each kind. */
export function byKind<Made>(make: (kind: Kind) => Made): Readonly<Record<Kind, Made>> {
  return Object.fromEntries(kinds.map((kind) => [kind, make(kind)])) as Record<Kind, Made> // one for each
}

/** What can be wrong with a sensor of any kind by its values. */
export type KindCause = Module['causes'][number]
/** What can be wrong with a sensor of one kind by its values. */
export type KindCauseOf<Id extends Kind> = KindModules[Id]['causes'][number]

type Metas<One> = One extends { metaShape: infer Meta } ? (meta: Meta) => void : never
type AllMeta = Metas<Module> extends (meta: infer Meta) => void ? Meta : never

/** What sensors of some kind say of themselves beside what all do; each optional. */
export const metaOfKinds = Object.assign({}, ...list.map(({ metaShape }) => metaShape)) as AllMeta & z.ZodRawShape // all of them together

type RefusalsOf<One> = One extends { refusals: infer Refusals } ? (refusals: Refusals) => void : never
type AllRefusals = RefusalsOf<Module> extends (refusals: infer Refusals) => void ? Refusals : never

/** What kinds refuse by codes of their own. */
export const refusalsOfKinds: AllRefusals = Object.assign({}, ...list.map(({ refusals }) => refusals)) as AllRefusals // all of them together
/** The codes of these. */
export type KindRefusalCode = keyof AllRefusals & string

/** A condition that rules about one kind alone may look for. */
export type KindCondition = Module['conditions'][number]
/** The type of a condition that rules about one kind may look for, and about no other. */
export type ConditionTypeOf<Id extends Kind> = KindModules[Id]['conditions'][number]['type']

/** What rules may look for at sensors of one kind alone, kind by kind. */
export const conditionsOfKinds: readonly KindCondition[] = list.flatMap(({ conditions }): KindCondition[] => [
  ...conditions,
])

type FailureOf<One> = One extends { failures?: infer Failures } ? keyof NonNullable<Failures> & string : never

/** Ways in which sensors of one kind alone fail, with what each is called. */
export const failuresOfKinds = Object.fromEntries(
  list.flatMap(({ failures = {} }) =>
    Object.entries<{ names: Words }>(failures).map(([way, { names }]) => [way, names]),
  ),
) as Readonly<Record<FailureOf<Module>, Words>> // all of them together

type Meta = Readonly<Record<string, unknown>>

/** A kind as it is to who treats all of them alike. */
export interface GeneralKind
  extends Pick<
    KindDefinition<Kind, never, never, KindCause, KindRefusals, readonly ConditionDefinition[], string>,
    'id' | 'names' | 'called' | 'conditions' | 'refusals' | 'takesCommands' | 'causes' | 'cameLater'
  > {
  values: Readonly<Record<string, ValueDefinition<z.ZodType<Value>>>>
  meta: Readonly<Record<string, ValueDefinition<z.ZodType<Value>>>>
  metaShape: Readonly<Record<string, z.ZodType<Value | undefined>>>
  failures?: Readonly<Record<string, KindFailure<Values, object>>>
  rules: Readonly<Record<string, DefaultRule<object>>>
  schema: z.ZodObject<Record<string, z.ZodType<Value | undefined>>>
  rise?: { value: string; withinSeconds: number }
  finding(values: Values, meta: Meta | undefined, ts: number, risen?: number): KindFinding<KindCause> | undefined
  limits(name: string, meta: Meta | undefined, ts: number): readonly ValueLimit[]
  isPlausible(values: Values, meta: Meta | undefined): boolean
  isExplainedByOrder?(cause: string, level: number): boolean
  isFollowingOrder?(values: Values, meta: Meta | undefined, level: number): boolean | undefined
  checkMeta?(meta: Meta, refuse: Refuse<KindRefusals, string>): void
}

/** A kind, to whom the values and meta of its own sensors are given. */
export function kindOf(kind: Kind): GeneralKind {
  const one: unknown = kindModules[kind]
  return one as GeneralKind // a reading of a kind holds that kind's values
}
