import type { BucketQuery, HistoryQuery, QueryContext, TelemetryStore } from '#storage/store.ts'
import type { Window } from '#telemetry/rest.ts'
import { runAt } from './calendar.ts'
import { correctedBuckets } from './corrections/corrected-buckets.ts'
import type { ValueCorrections } from './corrections/value-corrections.ts'

/** One time bucket that has readings: from `start` to before `end` (epoch ms), which may lie outside the span asked for. */
export interface Bucket {
  start: number
  end: number
  value: number
  /** a person's correction changed or left out some of its readings */
  corrected?: true
}

/** Which buckets to give: those of a window in a zone. */
export type BucketsRequest = HistoryQuery & Pick<BucketQuery, 'fn'> & { window: Window; zone: string }

/** Aggregates per bucket of the zone's clock and calendar, in order, at most `limit`. Each is of the span's readings alone. */
export async function readBuckets(
  store: TelemetryStore,
  asked: BucketsRequest,
  queryContext?: QueryContext,
  corrections?: ValueCorrections,
): Promise<Bucket[]> {
  const { window, zone, from, to, limit, fn, ...whose } = asked
  const found: Bucket[] = []
  let at = from
  while (at < to && found.length < limit) {
    const run = runAt(window, zone, at, to)
    const span = { from: at, to: Math.min(run.end, to), limit: limit - found.length }
    const query = { ...whose, ...span, window: run.length, origin: run.start, fn }
    const points = await correctedBuckets(store, query, corrections, queryContext)
    for (const { ts, value, corrected } of points)
      found.push({ start: ts, end: ts + run.length, value: Number(value), ...(corrected && { corrected }) })
    at = run.end
    // on to the next reading at once: years without any cost one question, not one for each month
    if (points.length === 0 && at < to) {
      const [next] = await store.history({ ...whose, from: at, to, limit: 1 }, queryContext)
      at = next?.ts ?? to
    }
  }
  return found
}
