import { dayMs, hourMs } from '#telemetry/durations.ts'
import type { AirFiguresResponse } from '#telemetry/figures/air-figures.ts'
import type { WaterFiguresResponse } from '#telemetry/figures/water-figures.ts'
import type { OperationExamples } from './operation-examples.ts'
import { exampleAt, exampleDistrict, exampleGauge, exampleStation, exampleWard } from './shared.ts'

/** 2026-01-31T00:00:00+07:00, epoch ms */
const exampleDay = exampleAt - 8 * hourMs
const span = { from: '2026-01-31T00:00:00+07:00', to: '2026-02-01T00:00:00+07:00' }
const places = { districts: [exampleDistrict], wards: [exampleWard] }
const head = { from: exampleDay, to: exampleDay + dayMs, tz: 'Asia/Ho_Chi_Minh', window: '1d' as const }

const air = {
  ...{ ...head, groupBy: 'district', asOf: exampleDay + dayMs, standard: 'qcvn', method: 'mean-of-stations' },
  groups: [
    {
      ...{ id: exampleDistrict, sensors: 2, simulated: 2 },
      buckets: [
        {
          ...{ start: exampleDay, end: exampleDay + dayMs },
          aqi: {
            ...{ index: 108, worst: 'pm25' },
            parts: {
              pm25: { over: '24h', concentration: 55, subIndex: 108, hours: 24, of: 24 },
              o3: { over: '8h', concentration: 118, subIndex: 95, hours: 23, of: 24 },
            },
          },
          highest: { sensor: exampleStation, index: 119, worst: 'pm25' },
          exceedances: [{ pollutant: 'pm25', period: '24h', count: 1 }],
        },
      ],
      bands: { good: 0, moderate: 0, sensitive: 1, unhealthy: 0, 'very-unhealthy': 0, hazardous: 0, none: 0 },
      limits: [
        {
          ...{ pollutant: 'pm25', period: '24h', limits: [{ limit: 45, from: '2026-01-01' }] },
          ...{ judged: 1, of: 1, exceedances: 1, days: 1, moreEpisodes: 0 },
          highest: { start: exampleDay, end: exampleDay + dayMs, mean: 55 },
          episodes: [
            {
              ...{ start: exampleDay, end: exampleDay + dayMs },
              ...{ exceedances: 1, highest: 55, over: 10, limit: 45 },
            },
          ],
        },
      ],
      corrected: 60,
      excluded: { invalid: 60 },
    },
  ],
} satisfies AirFiguresResponse

const figures = {
  peak: { sensor: exampleGauge, level: 2.8, at: exampleAt, aboveWarning1: 1.2 },
  ...{ lowest: 1, mean: 1.42 },
  above: [
    { warning: 1, hours: 8.5, sensor: exampleGauge, gauges: 1, of: 1 },
    { warning: 2, hours: 0, gauges: 0, of: 1 },
  ],
  rises: [
    {
      ...{ sensor: exampleGauge, within: 1, rise: 0.6 },
      ...{ from: { at: exampleAt - hourMs, level: 2.2 }, to: { at: exampleAt, level: 2.8 } },
    },
  ],
  ...{ hours: 23.8, of: 24 },
} satisfies Partial<WaterFiguresResponse['groups'][number]>

const water = {
  ...{ ...head, groupBy: 'sensor', asOf: exampleDay + dayMs },
  groups: [
    {
      ...{ id: exampleGauge, sensors: 1, simulated: 1 },
      gauges: [{ sensor: exampleGauge, warningLevels: { 1: 1.6, 2: 3 } }],
      buckets: [{ start: exampleDay, end: exampleDay + dayMs, ...figures }],
      ...figures,
    },
  ],
} satisfies WaterFiguresResponse

/** Of the routes of official figures of air and water. */
export const airAndWaterExamples: Readonly<Record<string, OperationExamples>> = {
  getAirQualityFigures: {
    parameters: { ...span, window: '1d', groupBy: 'district', ...places, sensors: [exampleStation], standard: 'qcvn' },
    answer: air,
  },
  getWaterLevelFigures: {
    parameters: { ...span, window: '1d', groupBy: 'sensor', ...places, sensors: [exampleGauge] },
    answer: water,
  },
}
