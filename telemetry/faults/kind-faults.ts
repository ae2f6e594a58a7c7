import { type KindRefusalCode, refusalsOfKinds } from '../kinds.ts'
import type { Language } from '../language.ts'
import type { FaultWords } from './fault-table.ts'

/** Refusals that one kind of sensor alone knows, as its module defines them: the params by code. */
type KindFaults = { readonly [Code in KindRefusalCode]: (typeof refusalsOfKinds)[Code]['params'] }

const entries = Object.entries(refusalsOfKinds)

const params: unknown = Object.fromEntries(entries.map(([code, { params }]) => [code, params]))
/** The same as a table of faults. */
export const kindFaults = params as KindFaults // of each code its own

/** Their words in one language. */
export function kindWords(language: Language): FaultWords<KindFaults> {
  const words: unknown = Object.fromEntries(entries.map(([code, refusal]) => [code, refusal[language]]))
  return words as FaultWords<KindFaults> // of each code its own
}
