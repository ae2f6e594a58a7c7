import type { CoverageResponse } from '#telemetry/replay.ts'

/** `missing`: no reading at all. `partial`: less than half of what was to be expected. `sparse`: a backfill. */
export type HoleKind = 'missing' | 'partial' | 'sparse'

/** A stretch that the scrubber marks. */
export interface Hole {
  kind: HoleKind
  from: number
  to: number
}

/** Where on the scrubber alerts were raised: how many, and the highest priority (1) among them. */
export interface AlertMark {
  at: number
  count: number
  priority: number
}

/** Alerts of one bucket (ms) as one mark, in order of time. */
export function alertMarks(alerts: readonly { raisedAt: number; priority: number }[], bucketMs: number): AlertMark[] {
  const marks = new Map<number, AlertMark>()
  for (const { raisedAt, priority } of alerts) {
    const at = raisedAt - (raisedAt % bucketMs)
    const mark = marks.get(at)
    marks.set(at, { at, count: (mark?.count ?? 0) + 1, priority: Math.min(mark?.priority ?? priority, priority) })
  }
  return [...marks.values()].sort((a, b) => a.at - b.at)
}

/** share of the readings expected below which a bucket is marked */
const enough = 0.5

/** What is not as it should be about a day, neighbouring buckets alike as one. */
export function holesOf({ from, to, window, shares, backfills }: CoverageResponse): Hole[] {
  const holes: Hole[] = backfills
    .filter((backfill) => backfill.to > from && backfill.from < to)
    .map((backfill) => ({ kind: 'sparse', from: Math.max(from, backfill.from), to: Math.min(to, backfill.to) }))
  let last: Hole | undefined
  // the newest bucket is still being filled
  for (const [at, share] of shares.slice(0, -1).entries()) {
    const start = from + at * window
    const kind = share === 0 ? 'missing' : share < enough ? 'partial' : undefined
    if (!kind) continue
    if (last?.kind === kind && last.to === start) last.to = start + window
    else {
      last = { kind, from: start, to: start + window }
      holes.push(last)
    }
  }
  return holes
}
