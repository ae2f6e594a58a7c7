import type { Language } from '#telemetry/language.ts'
import { adminEn } from './en.ts'
import type { AdminMessages } from './vi.ts'
import { adminVi } from './vi.ts'

/** Texts of the pages of people, keys, trail and account, in each language. */
export const adminMessages: Readonly<Record<Language, AdminMessages>> = { vi: adminVi, en: adminEn }
