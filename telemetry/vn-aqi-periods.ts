import { type Pollutant, subIndex, type VnAqi, vnAqiOf } from './vn-aqi.ts'

/** Share of its readings that a mean needs to count: an hour's mean of its readings, an 8 h or 24 h mean of its hours. */
export const neededShare = 0.75

/** Hourly means that Nowcast looks at. */
export const nowcastHours = 12

/** Of so many newest hours Nowcast needs the means of so many. */
export const nowcastNeeds = { hours: 2, of: 3 } as const

/** Hourly means of one parameter, µg/m³; undefined where an hour has too few readings. */
export type HourlyMeans = readonly (number | undefined)[]

/** Hourly means of each parameter that a station measures. */
export type HoursOfStation = Partial<Record<Pollutant, HourlyMeans>>

/** Whether so many readings, `periodS` seconds apart, are enough for an hour's mean. */
export function isHourComplete(readings: number, periodS: number): boolean {
  return readings >= (neededShare * 3_600) / periodS
}

/** How many of the newest hours that {@link nowcastNeeds} looks at have a mean. */
export function newestComplete(means: HourlyMeans): number {
  return means.slice(0, nowcastNeeds.of).filter((mean) => mean !== undefined).length
}

/**
 * Nowcast of PM10 or PM2.5 from the last 12 hourly means, newest first (Decision 1459/QĐ-TCMT): a mean in which each hour
 * weighs w times as much as the one after it, w being the smallest mean over the largest but at least ½. Undefined unless two
 * of the newest three are there.
 *
 * For w = ½ the decision writes Σ (½)ⁱ cᵢ, which is not divided by the weights: with the newest hour missing it gives half of
 * what the air holds. It is normalised here like the other case; with all hours present the two differ by 0.02 %.
 */
export function nowcast(means: HourlyMeans): number | undefined {
  const hours = means.slice(0, nowcastHours)
  const held = hours.filter((mean) => mean !== undefined)
  if (newestComplete(means) < nowcastNeeds.hours) return undefined
  const largest = Math.max(...held)
  const weight = largest === 0 ? 1 : Math.max(0.5, Math.min(...held) / largest)
  let sum = 0
  let weights = 0
  hours.forEach((mean, age) => {
    if (mean === undefined) return
    sum += weight ** age * mean
    weights += weight ** age
  })
  return sum / weights
}

/**
 * Hourly VN_AQI from hourly means, newest first: Nowcast for PM10 and PM2.5, the newest hour itself for the gases. Ozone over
 * 8 h is not used.
 */
export function hourlyVnAqi(hours: HoursOfStation): VnAqi | undefined {
  return vnAqiOf({
    pm25: index('pm25', nowcast(hours.pm25 ?? [])),
    pm10: index('pm10', nowcast(hours.pm10 ?? [])),
    o3: index('o3', hours.o3?.[0]),
    no2: index('no2', hours.no2?.[0]),
    so2: index('so2', hours.so2?.[0]),
    co: index('co', hours.co?.[0]),
  })
}

/**
 * Daily VN_AQI from hourly means, oldest first, of which the last 24 are the day's (hours ending at 01:00 to 24:00 local). PM10
 * and PM2.5 by the mean of the day, gases by the day's largest hour, ozone by the worse of that and the day's largest trailing
 * 8 h mean, for which ozone's list may begin 7 hours before the day.
 */
export function dailyVnAqi(hours: HoursOfStation): VnAqi | undefined {
  const day = (pollutant: Pollutant) => (hours[pollutant] ?? []).slice(-24)
  return vnAqiOf({
    pm25: index('pm25', meanOf(day('pm25'), 24)),
    pm10: index('pm10', meanOf(day('pm10'), 24)),
    o3: worse(index('o3', largestOf(day('o3'))), index('o3Over8h', largestOf(over8h(hours.o3 ?? [])))),
    no2: index('no2', largestOf(day('no2'))),
    so2: index('so2', largestOf(day('so2'))),
    co: index('co', largestOf(day('co'))),
  })
}

function index(column: Parameters<typeof subIndex>[0], mean: number | undefined): number | undefined {
  return mean === undefined ? undefined : subIndex(column, mean)
}

function worse(a: number | undefined, b: number | undefined): number | undefined {
  return largestOf([a, b])
}

/** The trailing 8 h means that end within the last 24 hours. */
function over8h(means: HourlyMeans): HourlyMeans {
  const first = Math.max(0, means.length - 24)
  return Array.from({ length: means.length - first }, (_, at) =>
    meanOf(means.slice(Math.max(0, first + at - 7), first + at + 1), 8),
  )
}

function meanOf(means: HourlyMeans, outOf: number): number | undefined {
  const held = means.filter((mean) => mean !== undefined)
  if (held.length < neededShare * outOf) return undefined
  return held.reduce((sum, mean) => sum + mean, 0) / held.length
}

function largestOf(values: readonly (number | undefined)[]): number | undefined {
  const held = values.filter((value) => value !== undefined)
  return held.length === 0 ? undefined : Math.max(...held)
}
