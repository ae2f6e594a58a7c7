import type { HistoryQuery, QueryContext, TelemetryStore } from '#storage/store.ts'
import type { HistoryPoint } from '#telemetry/history-rest.ts'
import type { Aggregate, Window } from '#telemetry/rest.ts'
import { type Bucket, readBuckets } from './buckets.ts'
import type { ValueCorrections } from './corrections/value-corrections.ts'
import { perHour, type Stretch } from './flow.ts'

/** What a history is asked for. */
export interface PointsRequest extends HistoryQuery {
  window: Window | 'raw'
  fn: Aggregate
  /** the zone of the buckets, of the IANA database */
  zone: string
  /** buckets are cut between them; the whole span when there is no difference between them */
  stretches: readonly Stretch[]
  /** counts are given as so many an hour; where the period is not known there is no such point */
  isPerHour: boolean
  /** epoch ms */
  now: number
}

/** The points of a history in order, at most `limit`. */
export async function readPoints(
  store: TelemetryStore,
  { window, stretches, isPerHour, now, fn, zone, ...asked }: PointsRequest,
  queryContext: QueryContext,
  corrections?: ValueCorrections,
): Promise<HistoryPoint[]> {
  const scaled = (points: readonly HistoryPoint[], { seconds }: Stretch) =>
    isPerHour ? flowOf(points, seconds) : points
  if (window === 'raw') {
    const measured = await store.history(asked, queryContext)
    const points = measured.map((point) => corrections?.correctPoint(asked.value, point) ?? point)
    return stretches.flatMap((stretch) => scaled(pointsWithin(points, stretch), stretch))
  }
  const found: HistoryPoint[] = []
  for (const stretch of stretches) {
    const limit = asked.limit - found.length
    if (limit <= 0) break
    const { from, to } = stretch
    const buckets = await readBuckets(store, { ...asked, from, to, limit, window, fn, zone }, queryContext, corrections)
    const points = buckets.map((bucket) => pointOf(bucket, stretch, now))
    found.push(...scaled(points, stretch))
  }
  return found
}

const pointsWithin = (points: readonly HistoryPoint[], { from, to }: Stretch) =>
  points.filter(({ ts }) => ts >= from && ts < to)

function flowOf(points: readonly HistoryPoint[], seconds: number | undefined): HistoryPoint[] {
  if (seconds === undefined) return []
  return points.map(({ counts, ...point }) => ({
    ...point,
    value: perHour(Number(point.value), seconds),
    ...(counts !== undefined && { counts: perHour(Number(counts), seconds) }),
  }))
}

/** A bucket as the answer gives it: never outside the span, and marked when the span or the present cuts it. */
function pointOf(
  { start, end, value, corrected }: Bucket,
  span: { from: number; to: number },
  now: number,
): HistoryPoint {
  const partial = start < span.from || end > span.to || end > now
  return {
    ts: Math.max(start, span.from),
    end: Math.min(end, span.to),
    value,
    ...(corrected && { corrected }),
    ...(partial ? { partial: true as const } : {}),
  }
}
