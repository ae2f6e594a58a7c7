import type { AlertsResponse } from '#telemetry/alert-rest.ts'
import type { Locale } from '../i18n/locale.svelte.ts'
import { csvOf } from '../ui/csv.ts'
import type { getAlertWords } from './alert-words.ts'
import { historyTexts } from './history-texts.ts'
import { commentOf, durationOf, shelvingOf } from './past-alert.ts'
import { seenAfter } from './seen-words.ts'
import { alertTexts } from './texts.ts'

interface CsvParts {
  locale: Pick<Locale, 'language' | 'timeZone' | 'zone'>
  words: ReturnType<typeof getAlertWords>
  /** epoch ms */
  now: number
}

/** Past alerts as CSV, in the language and the time zone of the page: one row each, with its duration, who shelved, acknowledged and has it. */
export function alertsCsv({ alerts, handledBy }: AlertsResponse, { locale, words, now }: CsvParts): string {
  const { columns, csvOnly, priority, district } = historyTexts[locale.language]
  const { priorities } = alertTexts[locale.language]
  const zone = `(${locale.timeZone})`
  const time = (at: number | undefined) => at && locale.zone.fieldOf(at).replace('T', ' ')
  const head = [
    ...[csvOnly.id, priority, columns.alert, columns.value, columns.place, district],
    ...[`${columns.raised} ${zone}`, `${columns.cleared} ${zone}`, csvOnly.seconds],
    ...[`${csvOnly.seenAt} ${zone}`, csvOnly.seenBy, csvOnly.seenAfter],
    ...[columns.assigned, csvOnly.assignedBy, `${csvOnly.assignedAt} ${zone}`, csvOnly.note],
    ...[csvOnly.by, `${csvOnly.until} ${zone}`, columns.acknowledged, columns.comment],
  ]
  const rows = alerts.map((alert) => {
    const { assigned, seen } = alert
    const shelving = shelvingOf(alert)
    return [
      ...[alert.id, priorities[alert.priority], alert.name[locale.language], words.value(alert)],
      ...[words.place(alert), words.area(alert), time(alert.raisedAt), time(alert.clearedAt), durationOf(alert, now)],
      ...[time(seen?.at), seen?.by, seenAfter(alert)],
      ...[assigned?.name, assigned?.by, time(assigned?.at), assigned?.comment],
      ...[shelving?.by, time(shelving?.until), handledBy[alert.id]?.join(', '), commentOf(alert)],
    ]
  })
  return csvOf([head, ...rows])
}
