import {
  type AirStandard,
  type AveragingPeriod,
  averagingPeriods,
  limitOn,
  limitsOf,
} from '#telemetry/air-standards.ts'
import type { LimitFigure } from '#telemetry/figures/air-figures.ts'
import { type Pollutant, pollutants } from '#telemetry/vn-aqi.ts'
import type { TimeBucket } from '../../time-buckets.ts'
import type { HourGrid } from '../hour-grid.ts'
import { type JudgedMean, judge } from './exceedances.ts'
import { type HourlyMeans, meanOfParts, trailingMean } from './hourly-means.ts'
import type { HoursOfPlace } from './vn-aqi.ts'

/**
 * The limits of a standard (air-standards.ts: QCVN 05:2023/BTNMT, WHO 2021) and the means of a place: of each hour; of the 8 hours that
 * end with each hour; of each day of the city's clock that is over; of each year that is over, as the mean of its days. 75 % of the
 * hours, of a year 75 % of the days, must be there, otherwise there is no mean to judge. The limit is the one in force on the day
 * on which the mean's last hour, its day or its year begins.
 */
export interface LimitsAsked {
  standard: AirStandard
  grid: HourGrid
  /** years that are over; limits of a year are judged by none but these */
  years: readonly TimeBucket[]
  /** epoch ms */
  now: number
}

/** A limit's figure, and the beginnings (epoch ms) of the means above it. */
export interface JudgedLimit {
  figure: LimitFigure
  above: readonly number[]
}

/** What a standard says of every parameter that was measured at a place. */
export function judgeLimits(hours: HoursOfPlace, asked: LimitsAsked): JudgedLimit[] {
  return pollutants.flatMap((pollutant) => {
    const means = hours[pollutant]?.means
    if (!means) return []
    return averagingPeriods.flatMap((period) => judgeLimit(means, pollutant, period, asked) ?? [])
  })
}

function judgeLimit(
  means: HourlyMeans,
  pollutant: Pollutant,
  period: AveragingPeriod,
  asked: LimitsAsked,
): JudgedLimit | undefined {
  const limits = limitsOf(asked.standard, pollutant, period)
  if (limits.length === 0 || (period === '1y' && asked.years.length === 0)) return undefined
  const byDay = asked.grid.days.map(({ date }) => limitOn(limits, date))
  const judged = meansOf[period](means, asked, byDay)
  const inForce = new Set(judged.map(({ limit }) => limit))
  const shown = limits
    .filter(({ limit }) => inForce.has(limit))
    .map(({ standard: _, pollutant: _of, period: _over, ...dated }) => dated)
  const figure = { pollutant, period, limits: shown, ...judge(judged) }
  const above = judged.filter(({ mean, limit }) => mean !== undefined && mean > limit).map(({ start }) => start)
  return { figure, above }
}

/** The means of each day that is over, in order. */
export function dailyMeans(means: HourlyMeans, { days }: HourGrid): (number | undefined)[] {
  return days.map(({ first, last, of }) => meanOfParts(means.slice(first, last), of).mean)
}

/** Limits by the days of the grid; undefined where none is in force, and nothing is judged. */
type LimitByDay = readonly (number | undefined)[]

const meansOf: Readonly<
  Record<AveragingPeriod, (means: HourlyMeans, asked: LimitsAsked, limits: LimitByDay) => JudgedMean[]>
> = {
  '1h': (means, { grid }, limits) => eachHour(grid, limits, (at) => means[at]),
  '8h': (means, { grid }, limits) => eachHour(grid, limits, (at) => trailingMean(means, at)),
  '24h': (means, { grid, now }, limits) => {
    const daily = dailyMeans(means, grid)
    const found: JudgedMean[] = []
    for (const [day, { start, end }] of grid.days.entries()) {
      const limit = limits[day]
      if (limit !== undefined && end <= now) found.push({ start, end, mean: daily[day], limit, day })
    }
    return found
  },
  '1y': (means, { grid, years }, limits) => {
    const daily = dailyMeans(means, grid)
    return years.flatMap(({ start, end }): JudgedMean[] => {
      const day = grid.days.findIndex((each) => each.start >= start)
      const last = grid.days.findLastIndex((each) => each.start < end)
      const limit = limits[day]
      if (limit === undefined) return []
      return [{ start, end, mean: meanOfParts(daily.slice(day, last + 1)).mean, limit, day }]
    })
  },
}

function eachHour(
  { days, hours }: HourGrid,
  limits: LimitByDay,
  meanAt: (at: number) => number | undefined,
): JudgedMean[] {
  const found: JudgedMean[] = []
  for (const [day, { first, last }] of days.entries()) {
    const limit = limits[day]
    if (limit === undefined) continue
    for (let at = first; at < last; at += 1) {
      const hour = hours[at]
      if (hour) found.push({ start: hour.start, end: hour.end, mean: meanAt(at), limit, day })
    }
  }
  return found
}
