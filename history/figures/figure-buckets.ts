import type { Span } from '#storage/roll-up/spans.ts'
import type { Window } from '#telemetry/rest.ts'
import { windowsOf } from '../calendar.ts'
import type { TimeBucket } from '../time-buckets.ts'

/** A time bucket as far as it lies within its span. */
export interface FigureBucket extends TimeBucket {
  /** the span cuts it, or it is not over yet */
  partial?: true
}

/** Windows that touch a span, as far as they lie within it. */
export function cutWindows(windows: readonly TimeBucket[], { from, to }: Span, now: number): FigureBucket[] {
  return windows.map(({ start, end }) => {
    const bucket = { start: Math.max(start, from), end: Math.min(end, to) }
    return start < from || end > to || end > now ? { ...bucket, partial: true } : bucket
  })
}

/** The buckets of a span by the clock and calendar of a zone, in order; none reaches outside the span. */
export function bucketsOf(window: Window, zone: string, span: Span, now: number): FigureBucket[] {
  return cutWindows(windowsOf(window, zone, span), span, now)
}
