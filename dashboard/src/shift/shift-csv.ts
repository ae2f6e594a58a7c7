import type { Attachment, ShiftEntry } from '#telemetry/shift-log.ts'
import type { ShiftLogResponse } from '#telemetry/shift-rest.ts'
import type { Locale } from '../i18n/locale.svelte.ts'
import type { ShiftMessages } from './vi.ts'

type Told = Pick<Locale, 'language' | 'zone' | 'timeZone'>

function aboutWords(attachment: Attachment | undefined, { language }: Told): string {
  if (attachment === undefined) return ''
  if (attachment.type === 'point') return `${attachment.name} (${attachment.position[1]}, ${attachment.position[0]})`
  if (attachment.type === 'area') return attachment.name[language]
  if (attachment.type === 'sensor') return `${attachment.name?.[language] ?? ''} ${attachment.id}`.trim()
  return `${attachment.name[language]} (${attachment.id}, ${attachment.sensor})`
}

function textOf(entry: ShiftEntry, { log }: ShiftMessages): string {
  if (entry.type === 'note' || entry.type === 'correction') return entry.text
  if (entry.type === 'duty') return `${entry.person}: ${entry.step === 'begin' ? log.begins : log.ends}`
  return entry.from.length > 0 ? log.handOver(entry.from.join(', ')) : log.handOverAlone
}

/** The log as rows of a table for a spreadsheet, its head first: times are of the page's zone, corrections stand beside their notes. */
export function shiftLogRows({ entries, corrections }: ShiftLogResponse, t: ShiftMessages, told: Told): string[][] {
  const { columns, types } = t.log
  const time = (at: number) => told.zone.fieldOf(at).replace('T', ' ')
  const zone = `(${told.timeZone})`
  const head = [
    ...[columns.id, `${columns.recorded} ${zone}`, `${columns.happened} ${zone}`, columns.by, columns.type],
    ...[columns.about, columns.text, columns.corrected, columns.correctedBy],
  ]
  const rows = entries.map((entry) => {
    const [last] = corrections.filter(({ corrects }) => corrects === entry.id).toSorted((a, b) => b.at - a.at)
    const isNote = entry.type === 'note'
    return [
      ...[entry.id, time(entry.at), isNote ? time(entry.happenedAt) : '', entry.by, types[entry.type]],
      ...[isNote ? aboutWords(entry.attachment, told) : '', textOf(entry, t), last?.text ?? '', last?.by ?? ''],
    ]
  })
  return [head, ...rows]
}
