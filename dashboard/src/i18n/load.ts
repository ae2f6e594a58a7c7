import type { Language } from '#telemetry/language.ts'
import type { Messages } from './vi.ts'

const loaders: Readonly<Record<Language, () => Promise<Messages>>> = {
  vi: async () => (await import('./vi.ts')).vi,
  en: async () => (await import('./en.ts')).en,
}

/** The texts of a language, which come when it is wanted. Rejects when the server does not answer. */
export const loadMessages = (language: Language): Promise<Messages> => loaders[language]()
