import type { Window } from '#telemetry/rest.ts'
import { runAt } from '../calendar.ts'

/** A time bucket, epoch ms, as far as it lies within its span. */
export interface FigureBucket {
  start: number
  end: number
  /** the span cuts it, or it is not over yet */
  partial?: true
}

/** The buckets of a span by the clock and calendar of a zone, in order; none reaches outside the span. */
export function bucketsOf(
  window: Window,
  zone: string,
  span: { from: number; to: number },
  now: number,
): FigureBucket[] {
  const buckets: FigureBucket[] = []
  for (let at = span.from; at < span.to; ) {
    const run = runAt(window, zone, at, span.to)
    for (let start = run.start; start < run.end && start < span.to; start += run.length) {
      const end = start + run.length
      if (end <= span.from) continue
      const isPartial = start < span.from || end > span.to || end > now
      const bucket = { start: Math.max(start, span.from), end: Math.min(end, span.to) }
      buckets.push(isPartial ? { ...bucket, partial: true } : bucket)
    }
    at = run.end
  }
  return buckets
}

/** The same as edges of roll-ups: the starts, and the end of the last. */
export function edgesOf(buckets: readonly FigureBucket[]): number[] {
  const last = buckets.at(-1)
  return last ? [...buckets.map(({ start }) => start), last.end] : []
}

/** The index of the bucket that a moment (epoch ms) within the span is in. */
export function bucketAt(buckets: readonly Pick<FigureBucket, 'start'>[], at: number): number {
  let [low, high] = [0, buckets.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((buckets[middle]?.start ?? 0) <= at) low = middle
    else high = middle - 1
  }
  return low
}
