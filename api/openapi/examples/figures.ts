import { nightHours, nightShare } from '#history/figures/traffic/free-flow-speeds.ts'
import { peakHours } from '#history/figures/traffic/hours-of-day.ts'
import { leastShares } from '#history/figures/traffic/level-of-service.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import { defaultFigureSettings } from '#telemetry/figures/figure-settings.ts'
import type { LightingFiguresResponse } from '#telemetry/figures/lighting-figures.ts'
import { type QualityFiguresResponse, qualityFormulas } from '#telemetry/figures/quality-figures.ts'
import type { TrafficFiguresResponse } from '#telemetry/figures/traffic-figures.ts'
import type { OperationExamples } from './operation-examples.ts'
import {
  exampleAt,
  exampleCounter,
  exampleDistrict,
  exampleLamp,
  exampleRoad,
  exampleStation,
  exampleWard,
} from './shared.ts'

/** local midnight and noon of the day of {@link exampleAt}, a Saturday */
const midnight = exampleAt - 8 * hourMs
const noon = midnight + dayMs / 2
const tz = 'Asia/Ho_Chi_Minh'
const span = { from: '2026-01-31T00:00:00+07:00', to: '2026-02-01T00:00:00+07:00' }

const flow = { vehiclesPerHour: 1_412.5, passengerCarUnitsPerHour: 744.2, averageSpeed: 38.44, congestionIndex: 1.249 }
const peak = {
  hour: 17,
  vehiclesPerHour: 3_120,
  passengerCarUnitsPerHour: 1_640.4,
  averageSpeed: 26.1,
  congestionIndex: 1.839,
}
const day = {
  ...{ readings: 1_440, vehicles: 33_900, ...flow, congestion: 'free' as const, levelOfService: 'B' as const },
  ...{ peakHours: 0, coverage: 1 },
}

const traffic = {
  ...{ from: midnight, to: midnight + dayMs, tz, window: '1d' },
  method: {
    passengerCarUnits: defaultFigureSettings.passengerCarUnits,
    ...{ peakHours: [...peakHours], nightHours: [...nightHours], nightShare, levelsOfService: leastShares },
  },
  groups: [
    {
      ...{ id: exampleCounter, sensors: 1, simulated: 1 },
      freeFlow: { speed: 48, fromMeta: 1, fromNights: 0, unknown: 0, nightReadings: 0 },
      ...day,
      weekdays: { days: 0, hours: [] },
      weekends: { days: 1, vehiclesPerHour: 1_412.5, peak, eveningPeak: peak, hours: [peak] },
      series: [{ start: midnight, end: midnight + dayMs, ...day }],
    },
  ],
} satisfies TrafficFiguresResponse

const night = {
  ...{ energy: 0.87, plannedEnergy: 0.89, energyOfPlanned: 0.87, energyShare: 0.9775 },
  ...{ nightHours: 11.533, knownNightHours: 11.533, darkHours: 0.25, darkByOrderHours: 0 },
  ...{ burningByDayHours: 0, burningByOrderHours: 0.5, burntHours: 12.3, availability: 0.9783, coverage: 1 },
  ...{ failures: 1, repairs: 1, meanRepairHours: 0.25, openFailures: 0 },
}

const lighting = {
  ...{ from: noon, to: noon + dayMs, tz, window: 'night' },
  method: {
    dimming: [...defaultFigureSettings.dimmings],
    ...{ nightBelow: -6, dayAbove: 6, edges: 'sun', darkShare: 0.05, ratedHours: 50_000 },
    ...{ failureCauses: ['lamp-fault', 'lamp-dark'], failuresTo: noon + dayMs },
  },
  groups: [
    {
      ...{ id: exampleLamp, sensors: 1, simulated: 1, withNominalPower: 1, ...night },
      life: { lamps: 1, meanHours: 12_340, meanShare: 0.2468, highestShare: 0.2468, nearEnd: 0, beyondEnd: 0 },
      series: [{ start: noon, end: noon + dayMs, ...night }],
    },
  ],
} satisfies LightingFiguresResponse

const terms = {
  ...{ readings: 8_500, refused: 25, expected: 8_640, timely: 8_500, judged: 8_500, plausible: 8_499 },
  ...{ freshMs: 85_900_000, spanMs: dayMs },
  ...{ correct: 0.9971, complete: 0.9838, clean: 0.9999, live: 0.9942, score: 0.9838 },
}
const times = `from=${midnight}&to=${midnight + dayMs}`

const quality = {
  ...{ from: midnight, to: midnight + dayMs, tz, window: '1d', formulas: qualityFormulas, unknown: [] },
  groups: [
    {
      ...{ id: exampleStation, sensors: 1, simulated: 1, kind: 'air-quality', ...terms },
      links: {
        readings: `/api/v1/sensors/${exampleStation}/history?value=pm25&window=raw&${times}`,
        refused: `/api/v1/quarantine?sensor=${exampleStation}&${times}`,
        hours: `/api/v1/figures/quality?kind=air-quality&${times}&sensors=${exampleStation}&groupBy=sensor&window=1h`,
      },
      series: [{ start: midnight, end: midnight + dayMs, ...terms }],
    },
  ],
  total: 1,
} satisfies QualityFiguresResponse

const whose = (sensor: string) => ({
  ...{ sensors: [sensor], districts: [exampleDistrict], wards: [exampleWard], roads: [exampleRoad] },
  groupBy: 'sensor',
})

/** Of the routes about official figures of traffic, lighting and data quality. */
export const figureExamples: Readonly<Record<string, OperationExamples>> = {
  getTrafficFigures: {
    parameters: { ...span, ...whose(exampleCounter), window: '1d', freeFlow: 'meta' },
    answer: traffic,
  },
  getLightingFigures: {
    parameters: {
      ...{ from: '2026-01-31T12:00:00+07:00', to: '2026-02-01T12:00:00+07:00' },
      ...{ ...whose(exampleLamp), window: 'night', edges: 'sun' },
    },
    answer: lighting,
  },
  getQualityFigures: {
    parameters: { ...span, ...whose(exampleStation), kind: 'air-quality', window: '1d', limit: 20 },
    answer: quality,
  },
}
