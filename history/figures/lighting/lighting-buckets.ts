import { Temporal } from 'temporal-polyfill'
import type { LightingWindow } from '#telemetry/figures/lighting-figures.ts'
import { bucketsOf, type FigureBucket } from '../figure-buckets.ts'

/** From noon to noon by the clock of a zone: each holds one night. */
function nightBuckets({ from, to }: { from: number; to: number }, zone: string, now: number): FigureBucket[] {
  const noon = Temporal.PlainTime.from({ hour: 12 })
  const buckets: FigureBucket[] = []
  let date = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone).toPlainDate().subtract({ days: 1 })
  const at = () => date.toZonedDateTime({ timeZone: zone, plainTime: noon }).epochMilliseconds
  for (let start = at(); start < to; ) {
    date = date.add({ days: 1 })
    const end = at()
    if (end > from) {
      const bucket = { start: Math.max(start, from), end: Math.min(end, to) }
      buckets.push(start < from || end > to || end > now ? { ...bucket, partial: true } : bucket)
    }
    start = end
  }
  return buckets
}

/** The buckets of a series of lighting figures, in order; none reaches outside the span (epoch ms). */
export function lightingBuckets(
  window: LightingWindow,
  zone: string,
  span: { from: number; to: number },
  now: number,
): FigureBucket[] {
  return window === 'night' ? nightBuckets(span, zone, now) : bucketsOf(window, zone, span, now)
}
