import { describe, expect, it } from 'vitest'
import { AlertDigest } from '#alerts/notify/alert-digest.ts'
import { type Names, writeMessage } from '#alerts/notify/templates.ts'
import type { Alert } from '#telemetry/alert.ts'

const names: Names = { sensor: () => undefined, place: () => undefined }
const alertAt = (raisedAt: number): Alert => ({
  ...{ id: 'a-1', revision: 1, rule: 'dust', name: { vi: 'Bụi', en: 'Dust' }, priority: 1, kind: 'air-quality' },
  ...{ sensors: ['station-1'], district: 'tay-ninh', group: 'tay-ninh/threshold', cause: 'threshold' },
  ...{ value: 163.25, valueName: 'pm25', limit: 100, unit: 'µg/m³', raisedAt, occurrences: 1 },
})
const textOf = (raisedAt: number, timeZone: string, language: 'vi' | 'en', given: Partial<Alert> = {}) => {
  const digest = new AlertDigest()
  digest.add({ ...alertAt(raisedAt), ...given })
  return writeMessage(digest, { language, names, timeZone }).text
}

describe('the time in a message to people', () => {
  it.each([
    ['Asia/Ho_Chi_Minh', Date.UTC(2026, 10, 25, 20, 5), '26/11/2026, 03:05 UTC+07:00', '03:05 UTC+07:00 26/11/2026'],
    ['Europe/Berlin', Date.UTC(2026, 2, 29, 0, 59), '29/03/2026, 01:59 UTC+01:00', '01:59 UTC+01:00 29/03/2026'],
    ['Europe/Berlin', Date.UTC(2026, 2, 29, 1, 0), '29/03/2026, 03:00 UTC+02:00', '03:00 UTC+02:00 29/03/2026'],
    ['America/New_York', Date.UTC(2026, 10, 1, 6, 30), '01/11/2026, 01:30 UTC-05:00', '01:30 UTC-05:00 01/11/2026'],
    ['Australia/Lord_Howe', Date.UTC(2026, 5, 1, 0, 0), '01/06/2026, 10:30 UTC+10:30', '10:30 UTC+10:30 01/06/2026'],
    ['Asia/Kathmandu', Date.UTC(2026, 10, 25, 20, 5), '26/11/2026, 01:50 UTC+05:45', '01:50 UTC+05:45 26/11/2026'],
  ])('is that of the city and says its zone: %s', (zone, at, english, vietnamese) => {
    expect(textOf(at, zone, 'en')).toContain(`\nAt: ${english} (${zone})\n`)
    expect(textOf(at, zone, 'vi')).toContain(`\nLúc: ${vietnamese} (${zone})\n`)
  })
})

it('an alert that came again says to whom it is given, with the note', () => {
  const at = Date.UTC(2026, 10, 25)
  const assigned = { to: 'team:t1', name: 'Đội chiếu sáng', by: 'Lan', at, comment: 'mang thang\nvà bóng 100 W' }
  expect(textOf(at, 'UTC', 'vi', { assigned })).toContain('\nGiao cho: Đội chiếu sáng – mang thang và bóng 100 W\n')
  expect(textOf(at, 'UTC', 'en', { assigned: { ...assigned, comment: '' } })).toContain(
    '\nAssigned to: Đội chiếu sáng\n',
  )
  expect(textOf(at, 'UTC', 'vi')).not.toContain('Giao cho')
})

it('a unit that is a word is written in the language of the message', () => {
  const counted = { kind: 'traffic', valueName: 'intensity', value: 120, unit: 'vehicles', limit: 100 } as const
  expect(textOf(0, 'UTC', 'vi', counted)).toContain('Giá trị: Lưu lượng 120 xe (ngưỡng 100 xe)')
  expect(textOf(0, 'UTC', 'en', counted)).toContain('Value: Vehicles 120 veh. (limit 100 veh.)')
})

it('a value that is a word is written in the language of the message', () => {
  const stuck = { kind: 'lighting', valueName: 'powerState', value: 'low', unit: '', cause: 'stuck' } as const
  const { limit: _, ...alert } = { ...alertAt(0), ...stuck }
  const digest = new AlertDigest()
  digest.add(alert)
  const said = (language: 'vi' | 'en') => writeMessage(digest, { language, names, timeZone: 'UTC' }).text
  expect(said('vi')).toContain('Giá trị: Trạng thái đèn giảm sáng\n')
  expect(said('en')).toContain('Value: Lamp state dimmed\n')
})

it.each([
  [
    'of one value are told with it',
    ['level', 'level'],
    'đạt mức riêng của cảm biến (Mực nước): 30',
    'at a level of the sensor’s own (Water level): 30',
  ],
  [
    'of several values are told by their cause',
    ['level', 'flow'],
    'đạt mức riêng của cảm biến: 30',
    'at a level of the sensor’s own: 30',
  ],
])('many alerts of one place and cause %s', (_which, valueNames, vi, en) => {
  const digest = new AlertDigest()
  for (let at = 0; at < 30; at++)
    digest.add({
      ...alertAt(at),
      id: `a-${at}`,
      kind: 'water-level',
      cause: 'own-level',
      valueName: valueNames[at % 2] ?? '',
    })
  const said = (language: 'vi' | 'en') => writeMessage(digest, { language, names, timeZone: 'UTC' }).text
  expect(said('vi')).toContain(`tay-ninh – ${vi}`)
  expect(said('en')).toContain(`tay-ninh – ${en}`)
})
