import { staleAfterMs } from '#telemetry/period.ts'
/** A point of a chart; `value` null is a gap. */
export interface ChartPoint {
  /** epoch ms */
  ts: number
  value: number | null
}

/** Points with a null between any two that are further apart than `gapMs`, so that a chart draws no line there. */
export function withGaps(points: readonly ChartPoint[], gapMs: number): ChartPoint[] {
  const drawn: ChartPoint[] = []
  let last: number | undefined
  for (const point of points) {
    if (last !== undefined && point.ts - last > gapMs)
      drawn.push({ ts: Math.round((last + point.ts) / 2), value: null })
    drawn.push(point)
    last = point.ts
  }
  return drawn
}

/** The span of values to show so that limits near it are in sight; one far away would press the line flat. */
export function withLimits(
  low: number | null,
  high: number | null,
  limits: readonly { value: number }[],
): [number, number] {
  if (low === null || high === null) return [0, 1]
  // as far again as the values reach, and at least a quarter of their size
  const room = Math.max(high - low, Math.abs(high) / 4)
  const near = limits.map(({ value }) => value).filter((value) => value >= low - room && value <= high + room)
  return [Math.min(low, ...near), Math.max(high, ...near)]
}

/** Longest silence (ms) a line may bridge: three periods as for staleness, but no less than one and a half buckets. */
export function gapLimit(periodS: number, bucketMs: number): number {
  return Math.max(staleAfterMs({ period: periodS }), 1.5 * bucketMs)
}

/**
 * Joins two series on one time axis (s, as uPlot wants it). A time at which a series has no point is undefined, which
 * uPlot bridges; null is a gap.
 */
export function joinSeries(
  mean: readonly ChartPoint[],
  live: readonly ChartPoint[],
): [number[], (number | null | undefined)[], (number | null | undefined)[]] {
  const times = [...new Set([...mean, ...live].map((point) => point.ts))].sort((a, b) => a - b)
  const valueAt = (points: readonly ChartPoint[]) => new Map(points.map((point) => [point.ts, point.value]))
  const means = valueAt(mean)
  const lives = valueAt(live)
  return [times.map((ts) => ts / 1_000), times.map((ts) => means.get(ts)), times.map((ts) => lives.get(ts))]
}

/** Places of values that have none on either side, so that no line reaches them; null when there are none, as uPlot wants it. */
export function isolated(values: ArrayLike<number | null | undefined>): number[] | null {
  const alone: number[] = []
  let before: number | null = null
  let candidate = -1
  for (let place = 0; place < values.length; place++) {
    const value = values[place]
    if (value === undefined) continue
    if (value === null) {
      if (candidate >= 0) alone.push(candidate)
      candidate = -1
    } else candidate = before === null ? place : -1
    before = value
  }
  if (candidate >= 0) alone.push(candidate)
  return alone.length === 0 ? null : alone
}
