import type { z } from 'zod'
import { dayMs } from '#telemetry/durations.ts'
import type { historyAnswer } from '#telemetry/history-question.ts'
import type { OperationExamples } from './operation-examples.ts'
import { exampleAt, exampleDistrict, exampleStation, exampleWard } from './shared.ts'

/** local midnight of the day of {@link exampleAt} */
const midnight = exampleAt - dayMs / 3
const span = { from: '2026-01-31T00:00:00+07:00', to: '2026-02-01T00:00:00+07:00' }
const complete = { coverage: { readings: 0.98, time: 0.99 }, states: { calibrating: 0.01 }, corrected: 0, open: false }
const earlier = { coverage: { readings: 1, time: 1 }, states: {}, corrected: 12, open: false }
const week = 7 * dayMs

const answer = {
  ...{ kind: 'air-quality', from: midnight, to: midnight + dayMs, now: midnight + 2 * dayMs },
  ...{ window: '1d', zone: 'Asia/Ho_Chi_Minh', groupBy: 'ward', functions: ['mean', 'max'] },
  compared: { with: 'week', from: midnight - week, to: midnight - week + dayMs },
  values: [{ name: 'pm25', vi: 'PM2.5', en: 'PM2.5', unit: 'µg/m³', unitCode: 'ug/m3' }],
  sensorCount: 1,
  sensors: [{ id: exampleStation, district: exampleDistrict }],
  series: [
    {
      ...{ value: 'pm25', group: exampleWard, sensors: 1, simulated: 0 },
      figures: [
        {
          ...{ from: midnight, to: midnight + dayMs, mean: 38.4, max: 85.3, ...complete },
          compared: { from: midnight - week, to: midnight - week + dayMs, mean: 41.2, max: 90.1, ...earlier },
        },
      ],
    },
  ],
} satisfies z.infer<typeof historyAnswer>

const question = {
  ...{ kind: 'air-quality', wards: [exampleWard], groupBy: 'ward', values: ['pm25'], functions: ['mean', 'max'] },
  ...{ ...span, window: '1d', compare: 'week' },
}

/** Of the routes about figures of the past. */
export const historyExamples: Readonly<Record<string, OperationExamples>> = {
  getHistoryQuery: {
    parameters: {
      ...question,
      ...{ sensors: [exampleStation], districts: [exampleDistrict], functions: ['mean', 'shareAbove'], limit: 45 },
      zone: 'Asia/Ho_Chi_Minh',
    },
    answer,
  },
  queryHistory: { body: question, answer },
}
