/** The languages of the platform; the first is the default. */
export const languages = ['vi', 'en'] as const
export type Language = (typeof languages)[number]

/** A text in each language. */
export type Words = Readonly<Record<Language, string>>

/** The text as it stands at the beginning of a sentence, on a button or in a column: the first letter in upper case. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
