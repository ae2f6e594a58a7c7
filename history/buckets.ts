import { meanOf } from '#storage/roll-up/steps.ts'
import type { RollUpCell } from '#storage/roll-ups.ts'
import type { BucketQuery, HistoryQuery, QueryContext, TelemetryStore } from '#storage/store.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import { type Aggregate, clockWindows, type Window } from '#telemetry/rest.ts'
import { runAt } from './calendar.ts'
import { correctedBuckets } from './corrections/corrected-buckets.ts'
import type { ValueCorrections } from './corrections/value-corrections.ts'

/** ms of a span from which on roll-ups are faster than its readings */
const rolledUpFromMs = 31 * dayMs
/** buckets in one question for roll-ups */
const maxBuckets = 5_000

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
  const figure = figureOfRollUp[fn]
  if (figure && to - from >= rolledUpFromMs && isOfHours(window))
    return readRolledUp(store, asked, figure, queryContext)
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

type FigureOfRollUp = (cell: RollUpCell) => number | undefined

/** What roll-ups know; percentiles are of readings. */
const figureOfRollUp: Partial<Record<Aggregate, FigureOfRollUp>> = {
  mean: meanOf,
  min: ({ min }) => min,
  max: ({ max }) => max,
  count: ({ count }) => count,
}

/** Whether buckets are made of whole hours, but where clocks change by parts of one. */
function isOfHours(window: Window): boolean {
  return !(window in clockWindows) || clockWindows[window as keyof typeof clockWindows] >= hourMs // just looked
}

/** The next buckets from `at` on, at most {@link maxBuckets}: as far as they are within the span, and as a whole. */
function nextBuckets({ window, zone, to }: BucketsRequest, at: number) {
  const buckets: { from: number; start: number; end: number }[] = []
  for (let from = at; from < to && buckets.length < maxBuckets; ) {
    const run = runAt(window, zone, from, to)
    for (let { start } = run; start < run.end && start < to && buckets.length < maxBuckets; start += run.length) {
      const end = start + run.length
      if (end <= from) continue
      buckets.push({ from, start, end })
      from = end
    }
  }
  return buckets
}

/** The same from roll-ups, which are as people corrected the readings. */
async function readRolledUp(
  store: TelemetryStore,
  asked: BucketsRequest,
  figure: FigureOfRollUp,
  queryContext: QueryContext | undefined,
): Promise<Bucket[]> {
  const { kind, sensor, value, to, limit } = asked
  const found: Bucket[] = []
  for (let at = asked.from; at < to && found.length < limit; ) {
    const buckets = nextBuckets(asked, at)
    const end = Math.min(buckets.at(-1)?.end ?? to, to)
    const edges = [...buckets.map(({ from }) => from), end]
    const cells = await store.rollUps({ kind, value, members: [{ sensor, group: 0 }], edges }, queryContext)
    const byStart = new Map(buckets.map((bucket) => [bucket.from, bucket]))
    for (const cell of cells) {
      const number = cell.count > 0 ? figure(cell) : undefined
      const bucket = byStart.get(cell.start)
      if (number === undefined || !bucket) continue
      const corrected = cell.corrected > 0 && { corrected: true as const }
      found.push({ start: bucket.start, end: bucket.end, value: number, ...corrected })
    }
    at = end
    if (cells.length > 0 || at >= to) continue
    // on to the next reading at once, as above
    const [next] = await store.history({ kind, sensor, value, from: at, to, limit: 1 }, queryContext)
    at = next?.ts ?? to
  }
  return found.slice(0, limit)
}
