import { Temporal } from 'temporal-polyfill'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import type { Window } from '#telemetry/rest.ts'
import { runAt } from '../calendar.ts'

/** From its beginning up to, not including, its end; epoch ms. */
export interface Span {
  start: number
  end: number
}

/** The windows of a zone that a span touches, whole and in order. */
export function windowsOf(window: Window, zone: string, { start, end }: Span): Span[] {
  const found: Span[] = []
  for (let at = start; at < end; ) {
    const run = runAt(window, zone, at, end)
    for (let from = run.start; from < run.end && from < end; from += run.length)
      if (from + run.length > start) found.push({ start: from, end: from + run.length })
    at = run.end
  }
  return found
}

/** A day of the city's clock: its hours in a list of hours, from `first` up to, not including, `last`. */
export interface GridDay extends Span {
  /** such as 2026-01-31 */
  date: string
  first: number
  last: number
  /** hours that it has: 24, or 23 or 25 where the clocks change; fewer are in the list while it is not over */
  of: number
}

/** The hours of a span by the city's clock, and some before it, which trailing means look at. */
export interface HourGrid {
  hours: readonly Span[]
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
  const before = windowsOf('1h', zone, { start: span.start - (lead + 1) * hourMs, end: span.start }).slice(-lead)
  const until = Math.min(span.end, now)
  const own = until > span.start ? windowsOf('1h', zone, { start: span.start, end: until }) : []
  const hours = [...(lead > 0 ? before : []), ...own].filter(({ end }) => end <= now)
  let at = hours.findIndex(({ start }) => start >= span.start)
  if (at < 0) at = hours.length
  const found: HourGrid = { hours, lead: at, days: [] }
  return { ...found, days: daysOf(zone, span, found, now) }
}

function daysOf(zone: string, span: Span, { hours, lead }: HourGrid, now: number): GridDay[] {
  let at = lead
  return windowsOf('1d', zone, { start: span.start, end: Math.min(span.end, now) }).map((day) => {
    const first = at
    while (at < hours.length && (hours[at]?.start ?? day.end) < day.end) at += 1
    return { ...day, date: dateOf(day.start, zone), first, last: at, of: hoursIn(zone, day) }
  })
}

function hoursIn(zone: string, day: Span): number {
  return day.end - day.start === dayMs ? 24 : windowsOf('1h', zone, day).length
}

function dateOf(ts: number, zone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(ts).toZonedDateTimeISO(zone).toPlainDate().toString()
}
