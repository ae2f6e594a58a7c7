import type { Alert } from '#telemetry/alert.ts'
import { spanWords } from '#telemetry/span-words.ts'
import type { Locale } from '../i18n/locale.svelte.ts'
import { historyTexts } from './history-texts.ts'

/** s from raising to when somebody first saw it; undefined when nobody has. */
export function seenAfter({ raisedAt, seen }: Pick<Alert, 'raisedAt' | 'seen'>): number | undefined {
  return seen && Math.max(0, Math.round((seen.at - raisedAt) / 1_000))
}

/**
 * When an alert was first seen, by whom, and how long after it was raised; `short`: without the time. Empty for one that was handled
 * without being on a screen of ours, or in an older release.
 */
export function seenWords(
  alert: Alert,
  { language, format }: Pick<Locale, 'language' | 'format'>,
  short = false,
): string {
  const { seen } = historyTexts[language]
  const after = seenAfter(alert)
  if (alert.seen && after !== undefined) {
    const { at, by } = alert.seen
    const span = spanWords(after, language)
    return short ? seen.short(by, span) : seen.first(format.dateTime(at), by, span)
  }
  const isHandled = alert.acknowledged ?? alert.assigned ?? alert.shelved ?? alert.lastShelved
  return isHandled || alert.closedAt !== undefined ? '' : seen.nobody
}
