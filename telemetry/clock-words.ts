import { minuteMs } from './durations.ts'
import type { Language } from './language.ts'

const units = {
  vi: { days: 'ngày', hours: 'giờ', minutes: 'phút' },
  en: { days: 'd', hours: 'h', minutes: 'min' },
} as const

/** minutes from which days are named */
const daysFrom = 48 * 60

/** How far a clock is off, in words: `+7 h`, `−10 min`, `+6 h 30 min`, `+366 d`, from ms. */
export function clockOffWords(offMs: number, language: Language): string {
  const minutes = Math.max(1, Math.round(Math.abs(offMs) / minuteMs))
  const days = minutes < daysFrom ? 0 : Math.floor(minutes / 1_440)
  const [hours, rest] = [Math.floor(minutes / 60) - 24 * days, minutes % 60]
  const unit = units[language]
  // with days, minutes say nothing
  const parts = [
    days > 0 && `${days} ${unit.days}`,
    hours > 0 && `${hours} ${unit.hours}`,
    days === 0 && rest > 0 && `${rest} ${unit.minutes}`,
  ].filter(Boolean)
  return `${offMs < 0 ? '−' : '+'}${parts.join(' ')}`
}
