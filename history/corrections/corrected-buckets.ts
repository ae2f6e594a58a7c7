import { bucketsOf } from '#storage/measured-points.ts'
import type { BucketQuery, Point, QueryContext, TelemetryStore } from '#storage/store.ts'
import type { HistoryPoint } from '#telemetry/history-rest.ts'
import type { ValueCorrections } from './value-corrections.ts'

/** readings of one page */
const pageSize = 10_000

/** A bucket, and whether a person's correction changed or left out any of its readings. */
export interface CorrectedBucket extends Point {
  corrected?: true
}

/** Aggregates of a numeric value per time bucket, in order, of readings as they count: made by the store where nothing was decided about them. */
export async function correctedBuckets(
  store: Pick<TelemetryStore, 'buckets' | 'history'>,
  query: BucketQuery,
  corrections: ValueCorrections | undefined,
  context?: QueryContext,
): Promise<CorrectedBucket[]> {
  if (!corrections?.overlaps(query, query.value)) return store.buckets(query, context)
  const { window, origin = 0 } = query
  const corrected = new Set<number>()
  async function* counting() {
    for await (const page of pagesOf(store, query, context))
      yield page.flatMap((point): Point[] => {
        const counted: HistoryPoint = corrections?.correctPoint(query.value, point) ?? point
        if (counted.corrected) corrected.add(bucketAt(point.ts))
        return counted.excluded === undefined ? [{ ...point, value: counted.counts ?? point.value }] : []
      })
  }
  const bucketAt = (ts: number) => Math.floor((ts - origin) / window)
  const buckets = await bucketsOf(counting(), query)
  return buckets.map((bucket) => (corrected.has(bucketAt(bucket.ts)) ? { ...bucket, corrected: true } : bucket))
}

async function* pagesOf(
  store: Pick<TelemetryStore, 'history'>,
  { kind, sensor, value, from, to }: BucketQuery,
  context: QueryContext | undefined,
): AsyncGenerator<Point[]> {
  for (let start = from; ; ) {
    // a sensor has one reading of a time
    const page = await store.history({ kind, sensor, value, from: start, to, limit: pageSize }, context)
    if (page.length > 0) yield page
    const last = page.at(-1)
    if (page.length < pageSize || !last) return
    start = last.ts + 1
  }
}
