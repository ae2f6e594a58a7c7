import { dayMs, hourMs, minuteMs } from '#telemetry/durations.ts'
import type { Language } from '#telemetry/language.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import { unitText } from '#telemetry/units.ts'
import type { ValueInfo } from '#telemetry/values.ts'
import { offsetText, zoneOf } from './zone.ts'

/** Writes numbers, values, times and ages in one language; times are local to a zone. */
export interface Format {
  number(value: number, digits?: number): string
  /** with its unit; shares (0–1) in per cent, words translated */
  value(info: ValueInfo, value: Value): string
  /** hours, minutes, seconds of an epoch ms */
  time(at: number): string
  /** date and time of an epoch ms, with the offset from UTC where the clocks show it twice */
  dateTime(at: number): string
  /** the same without seconds: of what is decided to the minute */
  minute(at: number): string
  /** how long ago, from a length in ms; never in the future */
  age(ms: number): string
  /** a short length in ms, as ms to two places or as seconds */
  latency(ms: number): string
  unit(info: ValueInfo): string
}

const ageUnits = [
  ['day', dayMs],
  ['hour', hourMs],
  ['minute', minuteMs],
] as const

/** Name by which Intl knows how a language is written here. */
export const intlName = (language: Language): string => (language === 'vi' ? 'vi-VN' : 'en-GB')

/** Makes the writer for one language and one zone of the IANA database. */
export function createFormat(language: Language, timeZone: string): Format {
  const locale = intlName(language)
  const zone = zoneOf(timeZone)
  const numbers = new Map<number, Intl.NumberFormat>()
  const clock = new Intl.DateTimeFormat(locale, { timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit' })
  const full = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  const toMinute = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'short', timeStyle: 'short' })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'always' })

  const number = (value: number, digits = 0): string => {
    let writer = numbers.get(digits)
    if (!writer) {
      writer = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
      numbers.set(digits, writer)
    }
    return writer.format(value)
  }
  const unit = (info: ValueInfo): string => unitText(info.unit, language)
  const value = (info: ValueInfo, held: Value): string => {
    if (typeof held === 'string') return info.words?.[held]?.[language] ?? held
    const text = number(info.share ? held * 100 : held, info.digits)
    return info.unit === '' ? text : `${text} ${unit(info)}`
  }
  const withOffset = (text: string, at: number): string =>
    zone.isShownTwice(at) ? `${text} (${offsetText(zone.offsetAt(at))})` : text
  const age = (ms: number): string => {
    const length = Math.max(0, ms)
    for (const [name, size] of ageUnits) if (length >= size) return relative.format(-Math.floor(length / size), name)
    return relative.format(-Math.floor(length / 1_000), 'second')
  }
  return {
    number,
    value,
    unit,
    age,
    time: (at) => clock.format(at),
    dateTime: (at) => withOffset(full.format(at), at),
    minute: (at) => withOffset(toMinute.format(at), at),
    latency: (ms) => (ms < 995 ? `${number(Math.round(ms / 10) * 10)} ms` : `${number(ms / 1_000, 1)} s`),
  }
}
