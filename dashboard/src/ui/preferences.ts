/** What this browser remembers of how its user wants the page, by the key that it is kept under. */
const keys = { language: 'nhip-language', theme: 'nhip-theme', sound: 'nhip-sound' } as const
type Preference = keyof typeof keys

/** What was chosen before on this browser; null when nothing was. */
export const readPreference = (name: Preference): string | null => localStorage.getItem(keys[name])

/** Remembers a choice. */
export const savePreference = (name: Preference, value: string): void => localStorage.setItem(keys[name], value)
