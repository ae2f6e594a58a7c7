import type { Look } from './e2e/views.ts'

/** One way a page is pictured: how a person has set it, and on what. */
export interface ScreenLook {
  /** end of the picture's name */
  name: string
  look: Look
  size: { width: number; height: number }
}

const desktop = { width: 1280, height: 860 }
const phone = { width: 390, height: 844 }
const languages = ['vi', 'en'] as const
const themes = ['light', 'dark'] as const

/** Each page is pictured in both languages and both themes, and on a phone in two of these. */
export const screenLooks: readonly ScreenLook[] = [
  ...languages.flatMap((language) =>
    themes.map((theme) => ({ name: `${language}-${theme}`, look: { language, theme }, size: desktop })),
  ),
  { name: 'phone-vi-light', look: { language: 'vi', theme: 'light' }, size: phone },
  { name: 'phone-en-dark', look: { language: 'en', theme: 'dark' }, size: phone },
]
