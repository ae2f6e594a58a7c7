import type { Span } from '#storage/roll-up/spans.ts'

/** A time bucket, epoch ms: from its beginning up to, not including, its end. */
export interface TimeBucket {
  start: number
  end: number
}

/** The edges of buckets, which may have gaps between them; where clocks are set back they may even be out of order. */
export function edgesOf(buckets: readonly TimeBucket[]): number[] {
  const edges: number[] = []
  let isInOrder = true
  for (const { start, end } of buckets) {
    const last = edges.at(-1)
    isInOrder &&= last === undefined || start >= last
    if (start !== last) edges.push(start)
    edges.push(end)
  }
  return isInOrder ? edges : [...new Set(edges)].sort((a, b) => a - b)
}

/** From the first bucket to the last; buckets are in order. */
export function spanOf(buckets: readonly TimeBucket[]): Span {
  return { from: buckets[0]?.start ?? 0, to: buckets.at(-1)?.end ?? 0 }
}

/** The index of the bucket that a moment (epoch ms) is in; buckets are in order, without a gap. */
export function bucketAt(buckets: readonly Pick<TimeBucket, 'start'>[], at: number): number {
  let [low, high] = [0, buckets.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((buckets[middle]?.start ?? 0) <= at) low = middle
    else high = middle - 1
  }
  return low
}
