import type { IndexFigure, IndexPart } from '#telemetry/figures/air-figures.ts'
import { type AqiColumn, type Pollutant, pollutants, subIndex, vnAqiOf } from '#telemetry/vn-aqi.ts'
import { neededShare, newestComplete, nowcast, nowcastHours, nowcastNeeds } from '#telemetry/vn-aqi-periods.ts'
import { type HourlyMeans, meanOfParts, trailingMean } from './hourly-means.ts'

/**
 * VN_AQI by Decision 1459/QĐ-TCMT of 12 November 2019, hourly and daily, with all that it is made of: the concentration and the
 * sub-index of each parameter, how many hours that stands on, and why there is no index.
 */

/** One parameter's hours in order, the oldest first. */
export interface ParameterHours {
  means: HourlyMeans
  /** readings of each hour, too few for a mean too */
  readings: ArrayLike<number>
}

/** The hours of each parameter at a place: of one station, or of many. All lists are of the same hours. */
export type HoursOfPlace = Partial<Record<Pollutant, ParameterHours>>

const dust: readonly Pollutant[] = ['pm25', 'pm10']

/** A parameter's part: the sub-index is rounded, as it is shown. */
function partOf(
  column: AqiColumn,
  over: IndexPart['over'],
  concentration: number | undefined,
  hours: Pick<IndexPart, 'hours' | 'of'>,
): { part: IndexPart; exact: number | undefined } {
  const exact = concentration === undefined ? undefined : subIndex(column, concentration)
  const index = exact === undefined ? {} : { subIndex: Math.round(exact) }
  return { part: { over, ...hours, ...(concentration === undefined ? {} : { concentration }), ...index }, exact }
}

type Parts = Partial<Record<Pollutant, ReturnType<typeof partOf>>>

/** The index of these parts, or why there is none; `complete` is what the better known of PM2.5 and PM10 has. */
function figureOf(found: Parts, { complete, needed, of, looked }: Needs): IndexFigure {
  const parts = Object.fromEntries(Object.entries(found).map(([name, { part }]) => [name, part]))
  const exact = Object.fromEntries(Object.entries(found).map(([name, each]) => [name, each.exact]))
  const index = vnAqiOf(exact)
  if (index) return { index: index.index, worst: index.worst, parts }
  if (Object.keys(found).length === 0) return { parts, none: { code: 'NO_READINGS', params: { hours: looked } } }
  if (!found.pm25 && !found.pm10) return { parts, none: { code: 'NO_PARTICULATES', params: {} } }
  return { parts, none: { code: 'TOO_FEW_HOURS', params: { complete, needed, of } } }
}

interface Needs {
  /** hours that have a mean of PM2.5 or PM10 */
  complete: number
  /** hours that need one */
  needed: number
  /** of so many */
  of: number
  /** hours that the index looks at */
  looked: number
}

const heldOf = (means: HourlyMeans) => means.filter((mean) => mean !== undefined)

/** The hours of a parameter that was measured in some of them. */
function measured(hours: ParameterHours | undefined, from: number, to: number): HourlyMeans | undefined {
  for (let at = from; hours && at < to; at += 1) if ((hours.readings[at] ?? 0) > 0) return hours.means
  return undefined
}

/**
 * The hourly index at the end of hour `at` of these hours: Nowcast of up to 12 hours for PM2.5 and PM10, the hour itself for gases. A
 * parameter without any reading in those 12 hours has no part.
 */
export function hourlyFigure(hours: HoursOfPlace, at: number): IndexFigure {
  const first = Math.max(0, at + 1 - nowcastHours)
  const parts: Parts = {}
  let complete = 0
  for (const pollutant of pollutants) {
    const means = measured(hours[pollutant], first, at + 1)
    if (!means) continue
    if (dust.includes(pollutant)) {
      const newestFirst = means.slice(first, at + 1).reverse()
      complete = Math.max(complete, newestComplete(newestFirst))
      const held = { hours: heldOf(newestFirst).length, of: nowcastHours }
      parts[pollutant] = partOf(pollutant, 'nowcast', nowcast(newestFirst), held)
    } else {
      const mean = means[at]
      parts[pollutant] = partOf(pollutant, '1h', mean, { hours: mean === undefined ? 0 : 1, of: 1 })
    }
  }
  const { hours: needed, of } = nowcastNeeds
  return figureOf(parts, { complete, needed, of, looked: nowcastHours })
}

/** The hours of a day in a list of hours: from `first` up to, not including, `last`. */
export interface DayOfHours {
  first: number
  last: number
  /** hours that the day has: 24, or 23 or 25 where the clocks change. Fewer are in the list while it is not over. */
  of: number
}

/**
 * The daily index of a day of the city's clock (hours ending at 01:00 to 24:00): PM2.5 and PM10 by the mean of the day, which needs
 * 75 % of its hours; gases by the largest hour; ozone by the worse of that and the largest trailing 8 h mean, for which the 7 hours
 * before the day count too.
 */
export function dailyFigure(hours: HoursOfPlace, day: DayOfHours): IndexFigure {
  const { first, last, of } = day
  const parts: Parts = {}
  let complete = 0
  for (const pollutant of pollutants) {
    const means = measured(hours[pollutant], first, last)
    if (!means) continue
    const own = means.slice(first, last)
    const held = heldOf(own)
    const has = { hours: held.length, of }
    if (dust.includes(pollutant)) {
      complete = Math.max(complete, held.length)
      parts[pollutant] = partOf(pollutant, '24h', meanOfParts(own, of).mean, has)
    } else {
      const hour = partOf(pollutant, '1h', largestOf(held), has)
      parts[pollutant] = pollutant === 'o3' ? worse(hour, ozoneOver8h(means, day, has)) : hour
    }
  }
  return figureOf(parts, { complete, needed: Math.ceil(neededShare * of), of, looked: of })
}

function ozoneOver8h(means: HourlyMeans, { first, last }: DayOfHours, has: Pick<IndexPart, 'hours' | 'of'>) {
  const trailing = Array.from({ length: last - first }, (_, at) => trailingMean(means, first + at))
  return partOf('o3Over8h', '8h', largestOf(trailing.filter((mean) => mean !== undefined)), has)
}

function worse(hour: ReturnType<typeof partOf>, over8h: ReturnType<typeof partOf>) {
  return (over8h.exact ?? -1) > (hour.exact ?? -1) ? over8h : hour
}

function largestOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values)
}
