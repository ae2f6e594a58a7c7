import type { ValueWords } from './kinds/define-kind.ts'
import { byKind, type GeneralKind, type Kind, kindOf } from './kinds.ts'
import { type Unit, unitCodes } from './units.ts'

/** How one value of a kind is called, measured and written. */
export interface ValueInfo extends ValueWords {
  name: string
}

const infosOf = (definitions: GeneralKind['values']): ValueInfo[] =>
  Object.entries(definitions).map(([name, { schema: _, ...words }]) => ({ name, ...words }))

/** Every value of every kind, in the order it is shown; the first is the kind's leading value. */
export const valuesOfKind: Readonly<Record<Kind, readonly ValueInfo[]>> = byKind((kind) => infosOf(kindOf(kind).values))

/** What sensors of each kind say of themselves beside what all do, in the order it is shown. */
export const metaOfKind: Readonly<Record<Kind, readonly ValueInfo[]>> = byKind((kind) => infosOf(kindOf(kind).meta))

/** The description of one value of a kind, or undefined when the kind has no such value. */
export function valueInfo(kind: Kind, name: string): ValueInfo | undefined {
  return valuesOfKind[kind].find((info) => info.name === name)
}

/** The description of something that sensors of a kind say of themselves; undefined when they say no such thing. */
export function metaInfo(kind: Kind, name: string): ValueInfo | undefined {
  return metaOfKind[kind].find((info) => info.name === name)
}

/** In what a value is given to programs: the unit as shown and its UCUM code; a word has none. */
export interface GivenUnit {
  unit: Unit
  unitCode?: (typeof unitCodes)[Unit]
}

/** The unit in which values of this description are measured and answered: a share as 0 to 1. */
export function givenUnit({ type, unit, share }: Pick<ValueInfo, 'type' | 'unit' | 'share'>): GivenUnit {
  if (type === 'word') return { unit: '' }
  const given = share ? '' : unit
  return { unit: given, unitCode: unitCodes[given] }
}
