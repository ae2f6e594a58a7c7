import { expect, it } from 'vitest'
import { createFormat } from '../../dashboard/src/i18n/format.ts'
import { periodWords } from '../../dashboard/src/sensor/chart/period-words.ts'
import { panelTexts } from '../../dashboard/src/sensor/texts.ts'

const english = createFormat('en', 'Europe/Berlin')
const vietnamese = createFormat('vi', 'Asia/Ho_Chi_Minh')
const at = Date.UTC(2026, 10, 25, 5)

it.each([
  [[{ from: 0, seconds: 5 }], 'Vehicles per hour, counted in 5 s.'],
  [
    [
      { from: 0, seconds: 60 },
      { from: at, seconds: 7.5 },
    ],
    'Vehicles per hour, counted in 60 s, 7.5 s from 25/11/2026, 06:00:00.',
  ],
  [
    [
      { from: 0, seconds: 60, assumed: true as const },
      { from: at, seconds: 60 },
    ],
    'Vehicles per hour, counted in 60 s, assumed before 25/11/2026, 06:00:00.',
  ],
])('a chart says in how many seconds vehicles were counted: %j', (periods, words) => {
  expect(periodWords(periods, panelTexts.en, english)).toBe(words)
})

it('a chart says so in Vietnamese too', () => {
  const periods = [
    { from: 0, seconds: 60 },
    { from: at, seconds: 30 },
  ]
  const words = periodWords(periods, panelTexts.vi, vietnamese)
  expect(words).toBe('Xe mỗi giờ, đếm trong 60 s, 30 s từ 12:00:00 25/11/26.')
})
