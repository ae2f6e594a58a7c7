import { adminEn } from './admin-en.ts'
import type { AdminMessages } from './admin-messages.ts'
import { adminVi } from './admin-vi.ts'
import type { Language } from './messages.ts'

/** Texts of the pages of people, keys, trail and account, in each language. */
export const adminMessages: Readonly<Record<Language, AdminMessages>> = { vi: adminVi, en: adminEn }
