import type { Alert } from './alert.ts'
import { clockOffWords } from './clock-words.ts'
import { conditionOf } from './conditions/conditions.ts'
import { causeWords } from './glossary/alert-cause.ts'
import { capitalized, type Language, type Words } from './language.ts'
import type { Value } from './reading-parts.ts'
import { spanWords } from './span-words.ts'
import { unitText } from './units.ts'
import { valueInfo } from './values.ts'

/** What tells the size of an alert. */
export type SizedAlert = Pick<
  Alert,
  'cause' | 'kind' | 'value' | 'valueName' | 'limit' | 'change' | 'withinSeconds' | 'unit'
>

/** Writes a number with so many digits after the point, in the language asked for. */
export type NumberWriter = (value: number, digits: number) => string

const limitWords = { vi: 'ngưỡng', en: 'limit' } satisfies Words
/** the limit of a rate is how far the value moved: said so where the alert, of an older release, does not say how far it was */
const changeWords = { vi: 'ngưỡng thay đổi', en: 'limit of change' } satisfies Words
/** how far a value moved, and within which time */
const movedWords = {
  vi: (isUp: boolean, size: string, span: string) => `${isUp ? 'tăng' : 'giảm'} ${size} trong ${span}`,
  en: (isUp: boolean, size: string, span: string) => `${isUp ? 'up' : 'down'} ${size} within ${span}`,
} satisfies Record<Language, unknown>
const silentWords = { vi: 'Không có số liệu trong', en: 'No readings for' } satisfies Words
const failing = {
  vi: (count: string) => `${count} cảm biến cùng hỏng`,
  en: (count: string) => `${count} sensors failing together`,
} satisfies Record<Language, unknown>
const sensors = {
  vi: (count: string) => `${count} cảm biến`,
  en: (count: string) => `${count} sensors`,
} satisfies Record<Language, unknown>

/**
 * What was measured when an alert was raised, with its name, its unit and the limit: `PM2.5 163.3 µg/m³ (limit 150 µg/m³)`. The
 * limit of a rate stands beside the change: `Water level 2.20 m, up 0.62 m within 1 h (limit 0.50 m)`. Empty for what has no size. The same on the page, in e-mail and webhook.
 */
export function alertSizeWords(alert: SizedAlert, language: Language, number: NumberWriter): string {
  const { cause, value, limit, change, withinSeconds } = alert
  if (value === undefined) return ''
  const bounded = (measured: string, write: (limit: number) => string) =>
    limit === undefined
      ? measured
      : `${measured} (${(cause === 'rate' && change === undefined ? changeWords : limitWords)[language]} ${write(limit)})`
  const written = (given: Value) => writeValue(alert, given, language, number)

  if (cause === 'clock')
    return `${capitalized(causeWords.clock[language])} ${clockOffWords(Number(value) * 1_000, language)}`
  if (cause === 'silence')
    return bounded(`${silentWords[language]} ${spanWords(Number(value), language)}`, (most) =>
      spanWords(most, language),
    )
  if (cause === 'group')
    return bounded(failing[language](number(Number(value), 0)), (least) => sensors[language](number(least, 0)))
  const info = alert.valueName === undefined ? undefined : valueInfo(alert.kind, alert.valueName)
  const name = info?.[language] ?? alert.valueName ?? conditionOf[cause].index?.[language] ?? ''
  if (change === undefined || withinSeconds === undefined) return bounded(`${name} ${written(value)}`, written)
  const moved = movedWords[language](change >= 0, written(Math.abs(change)), spanWords(withinSeconds, language))
  return bounded(`${name} ${written(value)}, ${moved}`, written)
}

function writeValue(
  { kind, valueName, unit }: SizedAlert,
  given: Value,
  language: Language,
  number: NumberWriter,
): string {
  const info = valueName === undefined ? undefined : valueInfo(kind, valueName)
  if (typeof given === 'string') return info?.words?.[given]?.[language] ?? given
  const shown = info?.unit ?? unit
  const text = number(info?.share ? given * 100 : given, info?.digits ?? indexDigits(given))
  return shown === '' ? text : `${text} ${unitText(shown, language)}`
}

/** digits after the point of an index: that of congestion is a small ratio, VN_AQI a whole number */
const indexDigits = (value: number) => (Math.abs(value) < 20 && !Number.isInteger(value) ? 2 : 0)
