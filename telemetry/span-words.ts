import type { Language } from './language.ts'

/** s of each unit of a span, the largest first */
const sizes = [
  ['days', 86_400],
  ['hours', 3_600],
  ['minutes', 60],
  ['seconds', 1],
] as const

const units = {
  vi: { days: 'ngày', hours: 'giờ', minutes: 'phút', seconds: 'giây' },
  en: { days: 'd', hours: 'h', minutes: 'min', seconds: 's' },
} as const satisfies Record<Language, unknown>

/** How long something lasted, in its two largest units: `3 min`, `1 h 5 min`, `45 s`, from whole seconds. */
export function spanWords(seconds: number, language: Language): string {
  let rest = Math.max(0, Math.round(seconds))
  const first = sizes.findIndex(([, size]) => rest >= size)
  if (first < 0) return `0 ${units[language].seconds}`
  const parts = sizes.slice(first, first + 2).flatMap(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count === 0 ? [] : `${count} ${units[language][unit]}`
  })
  return parts.join(' ')
}
