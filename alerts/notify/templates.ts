import type { Alert } from '#telemetry/alert.ts'
import { alertGroupWords } from '#telemetry/alert-group-words.ts'
import { alertSizeWords } from '#telemetry/alert-size-words.ts'
import { commandedWords } from '#telemetry/glossary/lamp-override.ts'
import { priorityMarks, priorityWords } from '#telemetry/glossary/priority.ts'
import { capitalized, type Language } from '#telemetry/language.ts'
import type { AlertDigest, Group } from './alert-digest.ts'

/** Names of things as people know them; undefined for what has no name. */
export interface Names {
  sensor(id: string, language: Language): string | undefined
  /** of a ward or a district */
  place(id: string, language: Language): string | undefined
}

/** The templates of e-mail and webhook: how messages are written. */
export interface Writer {
  language: Language
  names: Names
  /** in which times are told, of the IANA database */
  timeZone: string
}

/** alerts that are told one by one; more are counted by place and cause */
const maxSingle = 5
/** places and causes that are listed */
const maxRows = 20

const words = {
  vi: {
    many: (total: number, critical: number) =>
      `${total} cảnh báo mới${critical > 0 ? `, trong đó ${critical} ${priorityWords[1].vi}` : ''}`,
    value: 'Giá trị',
    assigned: 'Giao cho',
    at: 'Lúc',
    place: 'Nơi',
    sensors: (count: number) => `${count} thiết bị`,
    commanded: (count: number) => ` (${count} theo lệnh điều khiển)`,
    more: (count: number) => `… và ${count} nhóm khác`,
    locale: 'vi-VN',
  },
  en: {
    many: (total: number, critical: number) =>
      `${total} new alerts${critical > 0 ? `, ${critical} of them ${priorityWords[1].en}` : ''}`,
    value: 'Value',
    assigned: 'Assigned to',
    at: 'At',
    place: 'Where',
    sensors: (count: number) => `${count} sensors`,
    commanded: (count: number) => ` (${count} by command)`,
    more: (count: number) => `… and ${count} more groups`,
    locale: 'en-GB',
  },
} as const satisfies Record<Language, unknown>

/** Subject and text of a message about alerts. Times are local to the city and say how far that is from UTC. */
export function writeMessage(digest: AlertDigest, writer: Writer): { subject: string; text: string } {
  const { language, names } = writer
  const alerts = digest.mostUrgent()
  const [only] = alerts
  const { total, critical } = digest
  const subject = total === 1 && only ? titleOf(only, language, names) : words[language].many(total, critical)
  const text =
    total <= maxSingle
      ? alerts.map((alert) => writeAlert(alert, writer)).join('\n\n')
      : writeSummary(digest.groups(), language, names)
  return { subject: `[Nhịp] ${subject}`, text: `${text}\n` }
}

function titleOf({ priority, name, sensors }: Alert, language: Language, names: Names): string {
  const word = capitalized(priorityWords[priority][language])
  return `${priorityMarks[priority]} ${word}: ${name[language]} – ${sensorsOf(sensors, language, names)}`
}

function sensorsOf(sensors: readonly string[], language: Language, names: Names): string {
  const [only] = sensors
  if (only === undefined || sensors.length > 1) return words[language].sensors(sensors.length)
  return names.sensor(only, language) ?? only
}

function writeAlert(alert: Alert, { language, names, timeZone }: Writer): string {
  const { value, at, place, assigned, locale } = words[language]
  const measured = alertSizeWords(alert, language, (number, digits) =>
    number.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  )
  const format = new Intl.DateTimeFormat(locale, {
    ...{ timeZone, timeZoneName: 'longOffset' },
    ...{ day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit' },
  })
  const timeOf = (ms: number) => format.format(ms).replace('GMT', 'UTC')
  const { commanded } = alert
  const until = commanded?.order.until
  return [
    titleOf(alert, language, names),
    `${place}: ${placeOf(alert, language, names)}`,
    `${at}: ${timeOf(alert.raisedAt)} (${timeZone})`,
    ...(measured === '' ? [] : [`${value}: ${measured}`]),
    ...(commanded
      ? [capitalized(commandedWords(commanded.by, until === undefined ? undefined : timeOf(until), language))]
      : []),
    ...(alert.assigned ? [`${assigned}: ${alert.assigned.name}${noteOf(alert.assigned)}`] : []),
  ].join('\n')
}

/** The note that goes with an assignment, in the same line. */
const noteOf = ({ comment }: { comment: string }) => (comment === '' ? '' : ` – ${comment.replace(/\s+/g, ' ')}`)

const placeOf = ({ ward, district }: Pick<Alert, 'ward' | 'district'>, language: Language, names: Names) =>
  [ward, district].flatMap((id) => (id === undefined ? [] : (names.place(id, language) ?? id))).join(', ')

function writeSummary(groups: readonly Group[], language: Language, names: Names): string {
  const rows = groups.slice(0, maxRows).map((group) => {
    const commanded = group.commanded === undefined ? '' : words[language].commanded(group.commanded)
    return `${placeOf(group, language, names)} – ${alertGroupWords(group.cause, group.values, language)}: ${group.count}${commanded}`
  })
  const more = groups.length - maxRows
  return [...rows, ...(more > 0 ? [words[language].more(more)] : [])].join('\n')
}
