import { dayMs, hourMs } from '#telemetry/durations.ts'
import { defaultAheadOfUtcMs } from '#telemetry/time-zone.ts'

/** Hour of the local day with its fraction, 0 to 24. */
export function localHour(ts: number): number {
  return ((ts + defaultAheadOfUtcMs) % dayMs) / hourMs
}

/** Whether it is Saturday or Sunday there. 1 January 1970 was a Thursday. */
export function isWeekend(ts: number): boolean {
  const weekday = (Math.floor((ts + defaultAheadOfUtcMs) / dayMs) + 4) % 7
  return weekday === 0 || weekday === 6
}

/** The last local noon at or before a time, epoch ms. A night lies whole between two noons. */
export function lastNoon(ts: number): number {
  const noonUtc = dayMs / 2 - defaultAheadOfUtcMs
  return Math.floor((ts - noonUtc) / dayMs) * dayMs + noonUtc
}

/** A value at a local hour from one given for each of the 24 full hours, linear between them. */
export function overDay(hours: readonly number[], ts: number): number {
  const hour = localHour(ts)
  const from = Math.floor(hour)
  const left = hours[from % 24] ?? 0
  const right = hours[(from + 1) % 24] ?? 0
  return left + (right - left) * (hour - from)
}
