import type { z } from 'zod'
import { hourMs, minuteMs } from '#telemetry/durations.ts'
import type { HistoryResponse } from '#telemetry/history-rest.ts'
import type { sensorsResponse } from '#telemetry/rest.ts'
import type { VnAqiResponse } from '#telemetry/vn-aqi-rest.ts'
import type { OperationExamples } from './operation-examples.ts'
import { exampleAt, exampleCounter, exampleDistrict, exampleReading, exampleStation, exampleWard } from './shared.ts'

const filter = { district: exampleDistrict, kind: 'air-quality' }
const sensors = {
  type: 'FeatureCollection',
  features: [
    {
      type: 'Feature',
      id: exampleStation,
      geometry: { type: 'Point', coordinates: [106.08667, 11.31024] },
      properties: {
        id: exampleStation,
        district: exampleDistrict,
        kind: 'air-quality',
        meta: {
          name: { vi: 'Trạm không khí – 1', en: 'Air station – 1' },
          position: [106.08667, 11.31024],
          ward: exampleWard,
          period: 10,
        },
        connection: 'online',
        reading: exampleReading,
        arrivedAt: exampleAt + 120,
      },
    },
  ],
} satisfies z.input<typeof sensorsResponse>

const history = {
  sensor: exampleCounter,
  value: 'intensity',
  unit: 'vehicles/h',
  unitCode: '{vehicle}/h',
  window: '1h',
  fn: 'mean',
  tz: 'Asia/Ho_Chi_Minh',
  per: 'hour',
  periods: [{ from: exampleAt, seconds: 60 }],
  points: [
    { ts: exampleAt, value: 1_860, end: exampleAt + hourMs },
    { ts: exampleAt + hourMs, value: 1_424, end: exampleAt + 5_400_000, partial: true },
  ],
  truncated: false,
} satisfies HistoryResponse

const airQuality = {
  asOf: exampleAt,
  stations: [{ sensor: exampleStation, index: 162, worst: 'pm25', subIndices: { pm25: 162, pm10: 90 } }],
  without: [{ sensor: 'tn-aq-2', reason: { code: 'TOO_FEW_HOURS', params: { complete: 1, needed: 2, of: 3 } } }],
} satisfies VnAqiResponse

/** Of the routes about what sensors are and measure. */
export const sensorExamples: Readonly<Record<string, OperationExamples>> = {
  listSensors: { parameters: filter, answer: sensors },
  listLatestReadings: {
    parameters: filter,
    answer: {
      readings: [
        {
          ...exampleReading,
          valueTimes: { temperature: { ts: exampleAt - minuteMs, arrivedAt: exampleAt - 59_900 } },
        },
      ],
    },
  },
  getSensorHistory: {
    parameters: {
      id: exampleCounter,
      value: 'intensity',
      from: '2026-01-31T08:00:00+07:00',
      to: '2026-01-31T09:30:00+07:00',
      window: '1h',
      fn: 'mean',
      tz: 'Asia/Ho_Chi_Minh',
      per: 'hour',
    },
    answer: history,
  },
  getAirQualityIndex: { parameters: { at: '2026-01-31T08:00:00+07:00' }, answer: airQuality },
}
