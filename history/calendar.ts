import { Temporal } from 'temporal-polyfill'
import type { Span } from '#storage/roll-up/spans.ts'
import { dayMs } from '#telemetry/durations.ts'
import { type CalendarWindow, calendarWindows, clockWindows, type Window } from '#telemetry/rest.ts'
import type { TimeBucket } from './time-buckets.ts'

/** Time buckets of one length that follow one another: the first begins at `start`, the last ends at `end` (epoch ms). */
export interface BucketRun {
  start: number
  end: number
  /** ms of each bucket */
  length: number
}

const modulo = (value: number, by: number) => ((value % by) + by) % by
const zoned = (ts: number, zone: string) => Temporal.Instant.fromEpochMilliseconds(ts).toZonedDateTimeISO(zone)

/** The next moment after `ts` (epoch ms) at which the zone's clocks change. */
function nextChange(ts: number, zone: string): number | undefined {
  return zoned(ts, zone).getTimeZoneTransition('next')?.epochMilliseconds
}

/** The last moment at or before `ts` (epoch ms) at which the zone's clocks changed. */
function lastChange(ts: number, zone: string): number | undefined {
  return zoned(ts + 1, zone).getTimeZoneTransition('previous')?.epochMilliseconds
}

/** So many ms after the epoch the local clock showed a whole multiple of `length`, by the offset in force at `ts`. */
function phaseAt(ts: number, zone: string, length: number): number {
  return modulo(-zoned(ts, zone).offsetNanoseconds / 1e6, length)
}

/** Whether buckets are cut at a change of the clocks: it moves their grid, or comes in the middle of one. */
function cutsAt(change: number, zone: string, length: number): boolean {
  const phase = phaseAt(change, zone, length)
  return phaseAt(change - 1, zone, length) !== phase || modulo(change - phase, length) !== 0
}

/** The first change of the clocks in `(ts, until)` at which buckets are cut. */
function nextCut(ts: number, until: number, zone: string, length: number): number | undefined {
  let change = nextChange(ts, zone)
  while (change !== undefined && change < until && !cutsAt(change, zone, length)) change = nextChange(change, zone)
  return change !== undefined && change < until ? change : undefined
}

/**
 * Buckets of minutes or hours begin where the local clock shows a whole multiple of them. Where the clocks change in the
 * middle of one (Chatham at 2:45), or by half of it (Lord Howe), it ends at the change and a shorter one follows.
 */
function clockRun(length: number, zone: string, at: number, until: number): BucketRun {
  const phase = phaseAt(at, zone, length)
  const grid = at - modulo(at - phase, length)
  const last = lastChange(at, zone)
  const start = last !== undefined && last > grid && cutsAt(last, zone, length) ? last : grid
  // the bucket that `until` falls into ends where it ends
  const next = nextCut(at, until + length, zone, length)
  const single = (end: number) => ({ start, end, length: end - start })
  if (start !== grid) return single(Math.min(grid + length, next ?? Number.POSITIVE_INFINITY))
  if (next === undefined) return { start, end: start + Math.ceil((until - start) / length) * length, length }
  const lastStart = next - modulo(next - phase, length)
  return at >= lastStart ? single(next) : { start, end: lastStart, length }
}

const firstDay: Record<CalendarWindow, (date: Temporal.PlainDate) => Temporal.PlainDate> = {
  '1d': (date) => date,
  '1w': (date) => date.subtract({ days: date.dayOfWeek - 1 }),
  '1mo': (date) => date.with({ day: 1 }),
  '1y': (date) => date.with({ month: 1, day: 1 }),
}
const step = { '1d': { days: 1 }, '1w': { weeks: 1 }, '1mo': { months: 1 }, '1y': { years: 1 } } as const
/** ms of a window that has the same length as long as the clocks do not change */
const plainLength: Partial<Record<CalendarWindow, number>> = { '1d': dayMs, '1w': 7 * dayMs }

/** Buckets of days, weeks (from Monday), months and years begin at local midnight: 23 or 25 hours where the clocks change. */
function calendarRun(window: CalendarWindow, zone: string, at: number, until: number): BucketRun {
  const beginOf = (date: Temporal.PlainDate) => date.toZonedDateTime(zone).epochMilliseconds
  let date = firstDay[window](zoned(at, zone).toPlainDate())
  // clocks set back over midnight show a day that is over once more
  while (beginOf(date.add(step[window])) <= at) date = date.add(step[window])
  const start = beginOf(date)
  const end = beginOf(date.add(step[window]))
  const length = plainLength[window]
  if (length === undefined || end - start !== length) return { start, end, length: end - start }
  const change = nextChange(start, zone) ?? Number.POSITIVE_INFINITY
  let count = change < until ? Math.floor((change - start) / length) : Math.ceil((until - start) / length)
  const days = length / dayMs
  // a change at midnight itself may make the day before it longer
  while (count > 1 && beginOf(date.add({ days: count * days })) !== start + count * length) count -= 1
  return { start, end: start + Math.max(1, count) * length, length }
}

/**
 * The run that begins with the bucket which holds `at` (epoch ms). It need not reach beyond `until`. A window that is a number is
 * one of so many ms by the clock: of minutes, or of hours that make up a day.
 */
export function runAt(window: Window | number, zone: string, at: number, until: number): BucketRun {
  if (isOfCalendar(window)) return calendarRun(window, zone, at, until)
  return clockRun(typeof window === 'number' ? window : clockWindows[window], zone, at, until)
}

/** The windows of a zone that a span touches, whole and in order; a window that is a number as of {@link runAt}. */
export function windowsOf(window: Window | number, zone: string, { from, to }: Span): TimeBucket[] {
  const found: TimeBucket[] = []
  for (let at = from; at < to; ) {
    const run = runAt(window, zone, at, to)
    for (let start = run.start; start < run.end && start < to; start += run.length)
      if (start + run.length > from) found.push({ start, end: start + run.length })
    at = run.end
  }
  return found
}

/** The date of the local day that a moment (epoch ms) is in. */
export function dateOf(ts: number, zone: string): Temporal.PlainDate {
  return zoned(ts, zone).toPlainDate()
}

const isOfCalendar = (window: Window | number): window is CalendarWindow =>
  calendarWindows.some((name) => name === window)
