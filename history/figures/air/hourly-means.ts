import { neededShare } from '#telemetry/vn-aqi-periods.ts'

/** Hourly means of one parameter in order, µg/m³; undefined where an hour has too few readings. */
export type HourlyMeans = readonly (number | undefined)[]

/** A mean over several hours or days, and how many of them have one. */
export interface PeriodMean {
  /** µg/m³; absent when fewer than 75 % of the parts have a mean */
  mean?: number
  /** of those that have a mean */
  sum: number
  /** parts with a mean */
  count: number
  /** parts of the period */
  of: number
}

/**
 * The mean of means of equal parts: of an hour's over 8 h or a day, of a day's over a year. It needs 75 % of them. They are added in
 * their order, so that one and the same question has one and the same answer.
 */
export function meanOfParts(parts: HourlyMeans, of = parts.length): PeriodMean {
  let sum = 0
  let count = 0
  for (const part of parts) {
    if (part === undefined) continue
    sum += part
    count += 1
  }
  return { sum, count, of, ...(count > 0 && count >= neededShare * of ? { mean: sum / count } : {}) }
}

/** Hours of a trailing mean, the one it ends with included. */
export const trailingHours = 8

/** The mean of the 8 hours that end with hour `at`. Hours before the first are missing ones. */
export function trailingMean(hours: HourlyMeans, at: number): number | undefined {
  let sum = 0
  let count = 0
  for (let hour = Math.max(0, at + 1 - trailingHours); hour <= at; hour += 1) {
    const mean = hours[hour]
    if (mean === undefined) continue
    sum += mean
    count += 1
  }
  return count >= neededShare * trailingHours ? sum / count : undefined
}
