import type { Span } from '#storage/roll-up/spans.ts'
import { dayMs } from '#telemetry/durations.ts'
import type { Comparison, QuestionWindow } from '#telemetry/history-question.ts'
import { LocalClock } from '../local-clock.ts'
import type { QuestionBucket } from './windows.ts'

/** By how much an earlier span lies before: months or days by the clock and calendar of the zone, or ms. */
type Shift = { months: number } | { days: number } | { ms: number }

/** ms of years within which an earlier span lies: clocks are asked for that long before */
const longestShiftMs = 400 * dayMs

/** Whole months between two moments shown by a clock, of which each begins a month; undefined when they do not. */
function wholeMonths(from: number, to: number): number | undefined {
  const [begin, end] = [new Date(from), new Date(to)]
  const isFirst = (date: Date) => date.getUTCDate() === 1 && date.getTime() % dayMs === 0
  if (!isFirst(begin) || !isFirst(end)) return undefined
  return (end.getUTCFullYear() - begin.getUTCFullYear()) * 12 + end.getUTCMonth() - begin.getUTCMonth()
}

/**
 * How far before the span the earlier one lies. A week, a month and a year before are 1, 4 and 52 weeks, so that each weekday is
 * compared with the same weekday; in windows of months and years, and of whole months as one, they are those of the calendar. The
 * span before is as many months or days before as this one has, so that it begins at the same time of day; of less than a day it is
 * the one that ends where this one begins.
 */
function shiftOf(compare: Comparison, window: QuestionWindow | undefined, span: Span, clock: LocalClock): Shift {
  const [from, to] = [clock.shownAt(span.from), clock.shownAt(span.to)]
  const months = wholeMonths(from, to)
  if (compare === 'previous') {
    if (months !== undefined) return { months }
    // whole days, of the last of which a part may be left out: days are compared with days
    return to - from >= dayMs ? { days: Math.ceil((to - from) / dayMs) } : { ms: span.to - span.from }
  }
  const isByCalendar = window === '1mo' || window === '1y' || (window === 'all' && months !== undefined)
  if (compare === 'week') return { days: 7 }
  if (compare === 'month') return isByCalendar ? { months: 1 } : { days: 28 }
  return isByCalendar ? { months: 12 } : { days: 364 }
}

/** A time shown by a clock so many months before. `isThere`: whether that month has such a day; the first of the next stands for it. */
function monthsBefore(shown: number, months: number): { shown: number; isThere: boolean } {
  const date = new Date(shown)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() - months]
  const before = new Date(Date.UTC(year, month, date.getUTCDate()) + (((shown % dayMs) + dayMs) % dayMs))
  const isThere = before.getUTCMonth() === ((month % 12) + 12) % 12
  return { shown: isThere ? before.getTime() : Date.UTC(year, month + 1, 1), isThere }
}

/** An earlier span, and for each bucket of the span the one it is compared with. */
export interface EarlierSpan extends Span {
  /** undefined where there is none, as of 31 March in a February */
  aligned: readonly (QuestionBucket | undefined)[]
}

/** The earlier span that a span is compared with, bucket by bucket. */
export function earlierSpan(
  compare: Comparison,
  window: QuestionWindow | undefined,
  { buckets, zone, ...span }: Span & { buckets: readonly QuestionBucket[]; zone: string },
): EarlierSpan {
  const shortest = span.to - span.from
  const clock = new LocalClock(zone, { from: span.from - Math.max(shortest, longestShiftMs) - dayMs, to: span.to })
  const shift = shiftOf(compare, window, span, clock)
  const before = (ts: number) => {
    if ('ms' in shift) return { ts: ts - shift.ms, isThere: true }
    const shown = clock.shownAt(ts)
    if ('days' in shift) return { ts: clock.whenShown(shown - shift.days * dayMs), isThere: true }
    const { isThere, shown: earlier } = monthsBefore(shown, shift.months)
    return { ts: clock.whenShown(earlier), isThere }
  }
  const aligned = buckets.map(({ start, end }): QuestionBucket | undefined => {
    const { ts: begin, isThere } = before(start)
    // over a bucket in which the clock is set back it shows no later time
    const isSetBack = clock.shownAt(end) <= clock.shownAt(start)
    const last = isSetBack ? begin + end - start : before(end).ts
    // where the clock leaps an hour may have no partner
    return isThere && begin < last ? { start: begin, end: last, isOpen: false } : undefined
  })
  const earlier = { from: before(span.from).ts, to: before(span.to).ts }
  for (const bucket of aligned) {
    // where the clock shows an hour twice
    earlier.from = Math.min(earlier.from, bucket?.start ?? earlier.from)
    earlier.to = Math.max(earlier.to, bucket?.end ?? earlier.to)
  }
  return { ...earlier, aligned }
}
