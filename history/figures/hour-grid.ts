import type { Span } from '#storage/roll-up/spans.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import { dateOf, windowsOf } from '../calendar.ts'
import type { TimeBucket } from '../time-buckets.ts'

/** A range of hours of a grid, by their indices: from `first` up to, not including, `last`. */
export interface HourRange {
  first: number
  last: number
}

/** A day of the city's clock, and its hours. */
export interface GridDay extends TimeBucket, HourRange {
  /** such as 2026-01-31 */
  date: string
  /** hours that it has: 24, or 23 or 25 where the clocks change; fewer are in the list while it is not over */
  of: number
}

/** The hours of a span by the city's clock, and some before it, which trailing means look at. */
export interface HourGrid {
  hours: readonly TimeBucket[]
  /** how many of them are before the span */
  lead: number
  /** days of the span */
  days: readonly GridDay[]
}

/**
 * Hours of the clock from `lead` hours before a span on, as far as they are over at `now`, and its days. The span begins and ends with
 * a whole window of the zone.
 */
export function hourGrid(zone: string, span: Span, lead: number, now: number): HourGrid {
  const before = windowsOf('1h', zone, { from: span.from - (lead + 1) * hourMs, to: span.from }).slice(-lead)
  const until = Math.min(span.to, now)
  const own = windowsOf('1h', zone, { from: span.from, to: until })
  const hours = [...(lead > 0 ? before : []), ...own].filter(({ end }) => end <= now)
  let at = hours.findIndex(({ start }) => start >= span.from)
  if (at < 0) at = hours.length
  const found: HourGrid = { hours, lead: at, days: [] }
  return { ...found, days: daysOf(zone, span, found, now) }
}

/** The hours of each of these windows, which are in order and of the grid's span. */
export function hoursIn(windows: readonly TimeBucket[], { hours, lead }: HourGrid): HourRange[] {
  let at = lead
  return windows.map(({ end }) => {
    const first = at
    while (at < hours.length && (hours[at]?.start ?? end) < end) at += 1
    return { first, last: at }
  })
}

/** The end of the newest hour that is over, epoch ms: what is later counts in none of the figures of a span from `from` on. */
export function asOfGrid({ hours }: HourGrid, { from }: Span): number {
  return Math.max(from, hours.at(-1)?.end ?? from)
}

function daysOf(zone: string, span: Span, grid: HourGrid, now: number): GridDay[] {
  const days = windowsOf('1d', zone, { from: span.from, to: Math.min(span.to, now) })
  const ranges = hoursIn(days, grid)
  return days.map((day, at) => {
    const { first, last } = ranges[at] ?? { first: 0, last: 0 }
    return { ...day, date: dateOf(day.start, zone).toString(), first, last, of: countHours(zone, day) }
  })
}

function countHours(zone: string, { start, end }: TimeBucket): number {
  return end - start === dayMs ? 24 : windowsOf('1h', zone, { from: start, to: end }).length
}
