import { byKind, type Kind } from './kinds.ts'
import { type ValueInfo, valuesOfKind } from './values.ts'

/** Every value of every kind that is a number, in the order it is shown. */
export const numbersOfKind: Readonly<Record<Kind, readonly ValueInfo[]>> = byKind((kind) =>
  valuesOfKind[kind].filter(({ type }) => type === 'number'),
)

/** The names of the same. */
export const numberNames: Readonly<Record<Kind, readonly string[]>> = byKind((kind) =>
  numbersOfKind[kind].map(({ name }) => name),
)
