import { expect, it } from 'vitest'
import { causes } from '#telemetry/alert-condition.ts'
import { alertSizeWords, type SizedAlert } from '#telemetry/alert-size-words.ts'
import { languages } from '#telemetry/language.ts'
import { spanWords } from '#telemetry/span-words.ts'
import { createFormat } from '../../dashboard/src/i18n/format.ts'

const numbers = { vi: createFormat('vi', 'UTC').number, en: createFormat('en', 'UTC').number }
const air = { kind: 'air-quality', valueName: 'pm25', value: 163.25, unit: 'µg/m³' } as const

/** An alert of each cause, with what its evaluator finds. */
const sized = {
  threshold: { ...air, limit: 150 },
  'own-level': { kind: 'water-level', valueName: 'level', value: 3.2, limit: 3, unit: 'm' },
  rate: { kind: 'water-level', valueName: 'level', value: 3.2, limit: 0.5, unit: 'm' },
  stuck: air,
  silence: { kind: 'traffic', value: 180, limit: 180, unit: 's' },
  'lamp-dark': { kind: 'lighting', valueName: 'activePower', value: 0, unit: 'W' },
  'lamp-burning': { kind: 'lighting', valueName: 'powerState', value: 'on', unit: '' },
  'lamp-fault': { kind: 'lighting', valueName: 'fault', value: 'lamp', unit: '' },
  'lamp-power': { kind: 'lighting', valueName: 'activePower', value: 150, limit: 120, unit: 'W' },
  'vn-aqi': { kind: 'air-quality', value: 163, limit: 151, unit: '' },
  congestion: { kind: 'traffic', value: 2.45, limit: 2, unit: '' },
  clock: { kind: 'traffic', value: 25_200, limit: 300, unit: 's' },
  group: { kind: 'lighting', value: 6, limit: 4, unit: '' },
} satisfies Record<SizedAlert['cause'], Omit<SizedAlert, 'cause'>>

it.each<[SizedAlert['cause'], vi: string, en: string]>([
  ['threshold', 'PM2.5 163,3 µg/m³ (ngưỡng 150,0 µg/m³)', 'PM2.5 163.3 µg/m³ (limit 150.0 µg/m³)'],
  ['own-level', 'Mực nước 3,20 m (ngưỡng 3,00 m)', 'Water level 3.20 m (limit 3.00 m)'],
  ['rate', 'Mực nước 3,20 m (ngưỡng thay đổi 0,50 m)', 'Water level 3.20 m (limit of change 0.50 m)'],
  ['stuck', 'PM2.5 163,3 µg/m³', 'PM2.5 163.3 µg/m³'],
  ['silence', 'Không có số liệu trong 3 phút (ngưỡng 3 phút)', 'No readings for 3 min (limit 3 min)'],
  ['vn-aqi', 'VN_AQI 163 (ngưỡng 151)', 'VN_AQI 163 (limit 151)'],
  ['congestion', 'Chỉ số ùn tắc 2,45 (ngưỡng 2)', 'Congestion index 2.45 (limit 2)'],
  ['clock', 'Đồng hồ sai +7 giờ', 'Clock wrong +7 h'],
  ['group', '6 cảm biến cùng hỏng (ngưỡng 4 cảm biến)', '6 sensors failing together (limit 4 sensors)'],
])('the size of an alert has its name, unit and limit: %s', (cause, vi, en) => {
  const alert: SizedAlert = { cause, ...sized[cause] }
  expect(alertSizeWords(alert, 'vi', numbers.vi)).toBe(vi)
  expect(alertSizeWords(alert, 'en', numbers.en)).toBe(en)
})

it('the limit of a rate stands beside how far the value moved; an older alert does not say how far', () => {
  const rose: SizedAlert = { cause: 'rate', ...sized.rate, change: 0.62, withinSeconds: 3_600 }
  expect(alertSizeWords(rose, 'vi', numbers.vi)).toBe('Mực nước 3,20 m, tăng 0,62 m trong 1 giờ (ngưỡng 0,50 m)')
  expect(alertSizeWords(rose, 'en', numbers.en)).toBe('Water level 3.20 m, up 0.62 m within 1 h (limit 0.50 m)')
  const fell = { ...rose, change: -0.62, withinSeconds: 1_800 }
  expect(alertSizeWords(fell, 'vi', numbers.vi)).toBe('Mực nước 3,20 m, giảm 0,62 m trong 30 phút (ngưỡng 0,50 m)')
  expect(alertSizeWords(fell, 'en', numbers.en)).toBe('Water level 3.20 m, down 0.62 m within 30 min (limit 0.50 m)')
})

it.each(languages)('no number of an alert stands without a noun, whatever the cause: %s', (language) => {
  for (const cause of causes) {
    const words = alertSizeWords({ cause, ...sized[cause] }, language, numbers[language])
    expect(words, cause).toMatch(/\p{L}/u)
    // a number first is followed by what it counts; behind the word for the limit stands a name, a unit or an index that was named
    expect(words, cause).not.toMatch(/^[\d.,]+( \(|$)/)
    // a bare unit of seconds is no size that a person reads
    expect(words, cause).not.toMatch(/\d s\b/)
  }
})

it('a share is told in per cent, and what has no size by nothing', () => {
  const occupancy = { kind: 'traffic', valueName: 'occupancy', value: 0.31, limit: 0.3, unit: '' } as const
  expect(alertSizeWords({ cause: 'threshold', ...occupancy }, 'vi', numbers.vi)).toMatch(/ 31 % \(ngưỡng 30 %\)$/)
  expect(alertSizeWords({ cause: 'stuck', kind: 'traffic', unit: '' }, 'en', numbers.en)).toBe('')
})

it.each([
  [0, '0 giây', '0 s'],
  [45, '45 giây', '45 s'],
  [185, '3 phút 5 giây', '3 min 5 s'],
  [3_900, '1 giờ 5 phút', '1 h 5 min'],
  [172_805, '2 ngày', '2 d'],
])('a span of %d s is told in its two largest units', (seconds, vi, en) => {
  expect(spanWords(seconds, 'vi')).toBe(vi)
  expect(spanWords(seconds, 'en')).toBe(en)
})
