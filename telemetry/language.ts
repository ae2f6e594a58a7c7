import { z } from 'zod'

/** The languages of the platform; the first is the default. Translations: the words of one thing stand in both beside it, Vietnamese first. */
export const languages = ['vi', 'en'] as const
export type Language = (typeof languages)[number]

/** A text in each language. */
export type Words = Readonly<Record<Language, string>>

/** The same, as it comes from elsewhere. */
export const wordsSchema = z.object({ vi: z.string(), en: z.string() }) satisfies z.ZodType<Words>

/** The text as it stands at the beginning of a sentence, on a button or in a column: the first letter in upper case. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** A table of the glossary in one language. */
export function wordsIn<Key extends PropertyKey>(
  words: Readonly<Record<Key, Words>>,
  language: Language,
): Readonly<Record<Key, string>> {
  const texts = Object.entries<Words>(words).map(([key, text]) => [key, text[language]])
  return Object.fromEntries(texts) as Record<Key, string> // the same keys
}

/** The same, each {@link capitalized}. */
export function titlesIn<Key extends PropertyKey>(
  words: Readonly<Record<Key, Words>>,
  language: Language,
): Readonly<Record<Key, string>> {
  const texts = Object.entries<Words>(words).map(([key, text]) => [key, capitalized(text[language])])
  return Object.fromEntries(texts) as Record<Key, string> // the same keys
}
