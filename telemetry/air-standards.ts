import type { Words } from './language.ts'
import type { Pollutant } from './vn-aqi.ts'

/** Over what a limit's mean is taken: an hour, the 8 hours that end with it, a day of the city's clock, a year of it. */
export const averagingPeriods = ['1h', '8h', '24h', '1y'] as const
export type AveragingPeriod = (typeof averagingPeriods)[number]

/** Whose limits air is judged by. */
export const airStandards = ['qcvn', 'who'] as const
export type AirStandard = (typeof airStandards)[number]

/** What the standards are called. */
export const standardWords = {
  qcvn: { vi: 'QCVN 05:2023/BTNMT', en: 'QCVN 05:2023/BTNMT' },
  who: { vi: 'Khuyến nghị của WHO 2021', en: 'WHO guidelines 2021' },
} satisfies Record<AirStandard, Words>

/** What the averaging periods are called. */
export const periodWords = {
  '1h': { vi: 'trung bình 1 giờ', en: 'mean of 1 hour' },
  '8h': { vi: 'trung bình 8 giờ', en: 'mean of 8 hours' },
  '24h': { vi: 'trung bình 24 giờ', en: 'mean of 24 hours' },
  '1y': { vi: 'trung bình năm', en: 'mean of a year' },
} satisfies Record<AveragingPeriod, Words>

/** The largest mean that a standard allows, and on which days. */
export interface AirLimit {
  standard: AirStandard
  pollutant: Pollutant
  period: AveragingPeriod
  /** µg/m³ */
  limit: number
  /** the first day it is in force, such as 2026-01-01; absent: as far back as there are data */
  from?: string
  /** the first day it is in force no more; absent: until further notice */
  until?: string
}

type Dated = readonly Pick<AirLimit, 'limit' | 'from' | 'until'>[]
type Table = Partial<Record<Pollutant, Partial<Record<AveragingPeriod, number | Dated>>>>

/**
 * The limits, with their dates and where they come from: the one place to change them.
 *
 * `qcvn`: table 1 of QCVN 05:2023/BTNMT (Circular 01/2023/TT-BTNMT), ambient air. It lowers PM2.5 over 24 h from 50 to 45 µg/m³
 * on 1 January 2026. `who`: air quality guideline levels of the WHO global air quality guidelines, 2021.
 */
const limits: Readonly<Record<AirStandard, Table>> = {
  qcvn: {
    pm25: {
      '24h': [
        { limit: 50, until: '2026-01-01' },
        { limit: 45, from: '2026-01-01' },
      ],
      '1y': 25,
    },
    pm10: { '24h': 100, '1y': 50 },
    o3: { '1h': 200, '8h': 120 },
    no2: { '1h': 200, '24h': 100, '1y': 40 },
    so2: { '1h': 350, '24h': 125, '1y': 50 },
    co: { '1h': 30_000, '8h': 10_000 },
  },
  who: {
    pm25: { '24h': 15, '1y': 5 },
    pm10: { '24h': 45, '1y': 15 },
    o3: { '8h': 100 },
    no2: { '24h': 25, '1y': 10 },
    so2: { '24h': 40 },
    co: { '24h': 4_000 },
  },
}

/** Which of the limits of one parameter and period is in force on a day, such as 2026-01-01; undefined: none, µg/m³. */
export function limitOn(limits: readonly AirLimit[], day: string): number | undefined {
  return limits.find(({ from = day, until }) => day >= from && (until === undefined || day < until))?.limit
}

/** The limits of one parameter and one period; of one that changed, all there were in order. */
export function limitsOf(standard: AirStandard, pollutant: Pollutant, period: AveragingPeriod): AirLimit[] {
  const found = limits[standard][pollutant]?.[period] ?? []
  const dated: Dated = typeof found === 'number' ? [{ limit: found }] : found
  return dated.map((each) => ({ standard, pollutant, period, ...each }))
}
