import type { Language } from '../language.ts'

/** Beside an English sentence that an older release has stored without codes, or a newer one with codes that are not known here. */
export const otherReleaseWords = {
  vi: (sentence: string) => `${sentence} (nguyên văn tiếng Anh, do phiên bản khác của hệ thống ghi)`,
  en: (sentence: string) => `${sentence} (as another release recorded it)`,
} satisfies Record<Language, (sentence: string) => string>
