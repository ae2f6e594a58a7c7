import { Temporal } from 'temporal-polyfill'
import type { Span } from '#storage/roll-up/spans.ts'
import type { LightingWindow } from '#telemetry/figures/lighting-figures.ts'
import { dateOf } from '../../calendar.ts'
import type { TimeBucket } from '../../time-buckets.ts'
import { bucketsOf, cutWindows, type FigureBucket } from '../figure-buckets.ts'

/** From noon to noon by the clock of a zone, whole and in order, as many as touch a span: each holds one night. */
function nightWindows({ from, to }: Span, zone: string): TimeBucket[] {
  const plainTime = Temporal.PlainTime.from({ hour: 12 })
  const windows: TimeBucket[] = []
  let date = dateOf(from, zone).subtract({ days: 1 })
  const at = () => date.toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds
  for (let start = at(); start < to; ) {
    date = date.add({ days: 1 })
    const end = at()
    if (end > from) windows.push({ start, end })
    start = end
  }
  return windows
}

/** The buckets of a series of lighting figures, in order; none reaches outside the span. */
export function lightingBuckets(window: LightingWindow, zone: string, span: Span, now: number): FigureBucket[] {
  return window === 'night' ? cutWindows(nightWindows(span, zone), span, now) : bucketsOf(window, zone, span, now)
}
