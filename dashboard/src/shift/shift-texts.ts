import type { Language } from '#telemetry/language.ts'
import { shiftEn } from './en.ts'
import { type ShiftMessages, shiftVi } from './vi.ts'

/** Texts of the shift log. */
export const shiftTexts: Readonly<Record<Language, ShiftMessages>> = { vi: shiftVi, en: shiftEn }
