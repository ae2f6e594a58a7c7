import type { AirStandard } from '#telemetry/air-standards.ts'
import type { AirBucket, BandDays, IndexFigure, LimitFigure } from '#telemetry/figures/air-figures.ts'
import type { FigureWindow } from '#telemetry/figures/figure-windows.ts'
import { aqiBand, pollutants } from '#telemetry/vn-aqi.ts'
import type { TimeBucket } from '../../time-buckets.ts'
import type { HourGrid } from '../hour-grid.ts'
import { meanOfParts } from './hourly-means.ts'
import { dailyMeans, type JudgedLimit, judgeLimits } from './limit-figures.ts'
import { dailyFigure, type HoursOfPlace, hourlyFigure } from './vn-aqi.ts'

/** What figures of a place are asked for. */
export interface PlaceAsked {
  window: FigureWindow
  /** the buckets: whole windows of the zone, in order */
  windows: readonly TimeBucket[]
  grid: HourGrid
  standard: AirStandard
  /** epoch ms: the end of the newest hour that is over */
  asOf: number
}

/** The figures of a place over a span. */
export interface PlaceFigures {
  buckets: AirBucket[]
  bands?: BandDays
  limits: LimitFigure[]
}

/** The indices of every day of a grid, in its order. */
export function dailyFigures(hours: HoursOfPlace, { days }: HourGrid): IndexFigure[] {
  return days.map((day) => dailyFigure(hours, day))
}

/** How many of these days were in each band of VN_AQI. */
export function bandDays(days: readonly IndexFigure[]): BandDays {
  const bands = { good: 0, moderate: 0, sensitive: 0, unhealthy: 0, 'very-unhealthy': 0, hazardous: 0, none: 0 }
  for (const { index } of days) bands[index === undefined ? 'none' : aqiBand(index).id] += 1
  return bands
}

/** VN_AQI, days per band and exceedances of a place, from its hourly means. */
export function placeFigures(hours: HoursOfPlace, asked: PlaceAsked): PlaceFigures {
  const { window, windows, grid, standard, asOf } = asked
  const years = window === '1y' ? windows.filter(({ end }) => end <= asOf) : []
  const judged = judgeLimits(hours, { standard, grid, years, now: asOf })
  const limits = judged.map(({ figure }) => figure)
  if (window === '1h') {
    // they are the hours of the grid, and those that are not over
    const buckets = windows.map((span, at): AirBucket => {
      const hour = grid.lead + at
      return { ...span, ...(hour < grid.hours.length ? { aqi: hourlyFigure(hours, hour) } : { partial: true }) }
    })
    return { buckets: withExceedances(buckets, judged), limits }
  }
  const figures = dailyFigures(hours, grid)
  const isOver = grid.days.map(({ end }) => end <= asOf)
  const bands = bandDays(figures.filter((_, at) => isOver[at]))
  const means = window === '1d' ? undefined : meansIn(hours, grid)
  let at = 0
  const buckets = windows.map((span): AirBucket => {
    const first = at
    while (at < grid.days.length && (grid.days[at]?.start ?? span.end) < span.end) at += 1
    const partial = span.end > asOf ? { partial: true as const } : {}
    const aqi = window === '1d' ? figures[first] : undefined
    if (window === '1d') return { ...span, ...partial, ...(first < at && aqi ? { aqi } : {}) }
    const over = figures.slice(first, at).filter((_, day) => isOver[first + day])
    return { ...span, ...partial, bands: bandDays(over), ...(means ? { means: means(first, at) } : {}) }
  })
  return { buckets: withExceedances(buckets, judged), bands, limits }
}

/** Means of the days from one up to another, of every parameter that has any. */
function meansIn(hours: HoursOfPlace, grid: HourGrid) {
  const daily = pollutants.flatMap((pollutant) => {
    const found = hours[pollutant]
    return found ? [{ pollutant, means: dailyMeans(found.means, grid) }] : []
  })
  return (first: number, last: number): NonNullable<AirBucket['means']> =>
    Object.fromEntries(
      daily.flatMap(({ pollutant, means }) => {
        const { count, of, sum } = meanOfParts(means.slice(first, last))
        return count === 0 ? [] : [[pollutant, { mean: sum / count, days: count, of }]]
      }),
    )
}

/** The buckets, each with the means above a limit that began in it. */
function withExceedances(buckets: readonly AirBucket[], judged: readonly JudgedLimit[]): AirBucket[] {
  const found = buckets.map((): NonNullable<AirBucket['exceedances']> => [])
  for (const { figure, above } of judged) {
    let at = 0
    const counts = new Map<number, number>()
    for (const start of above) {
      while (at < buckets.length && (buckets[at]?.end ?? 0) <= start) at += 1
      counts.set(at, (counts.get(at) ?? 0) + 1)
    }
    const { pollutant, period } = figure
    for (const [bucket, count] of counts) found[bucket]?.push({ pollutant, period, count })
  }
  return buckets.map((bucket, at) => ({ ...bucket, ...(found[at]?.length ? { exceedances: found[at] } : {}) }))
}
