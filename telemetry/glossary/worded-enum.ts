import { z } from 'zod'
import type { Words } from '../language.ts'

type Table<Key extends string | number> = Readonly<Record<Key, Words>>

/** What each value means, for the API's documents: `online`: online / đã kết nối; … */
export function describedValues(words: Table<string | number>): string {
  return Object.entries(words)
    .map(([value, { en, vi }]) => `\`${value}\`: ${en} / ${vi}`)
    .join('; ')
}

/** An enum of which every value stands in the glossary: its description says what each means, in both languages. */
export function wordedEnum<const Key extends string>(values: readonly Key[], words: NoInfer<Table<Key>>) {
  const named = Object.fromEntries(values.map((value) => [value, words[value]]))
  return z.enum(values).describe(describedValues(named))
}
