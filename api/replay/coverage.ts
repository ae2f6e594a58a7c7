import type { QueryContext } from '#storage/store.ts'
import { hourMs } from '#telemetry/durations.ts'
import { kinds } from '#telemetry/kinds.ts'
import { defaultPeriod } from '#telemetry/period.ts'
import { type CoverageResponse, coverageShares, coverageWindowMs } from '#telemetry/replay.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { readBackfills } from './backfills.ts'

/** ms ago that a span may end for the sensors of now to be those that were heard in it */
const lateMs = hourMs

type CoverageParts = Pick<ServerParts, 'store' | 'sensors' | 'clock'>

/** How complete the readings of a span (epoch ms, from the start of a bucket on) are. */
export async function readCoverage(
  parts: CoverageParts,
  { from, to }: { from: number; to: number },
  queryContext: QueryContext,
): Promise<CoverageResponse> {
  const { store } = parts
  const [backfills, heard, ...counts] = await Promise.all([
    readBackfills(store, queryContext),
    sensorsHeard(parts, { from, to }, queryContext),
    ...kinds.map((kind) => store.counts({ kind, from, to, window: coverageWindowMs }, queryContext)),
  ])
  const periods = heard.map((id) => parts.sensors.get(id)?.meta?.period ?? defaultPeriod)
  return {
    ...{ from, to, window: coverageWindowMs, backfills },
    shares: coverageShares({ from, to, counts: counts.flat(), periods, backfills }),
  }
}

/** Sensors that are expected in a span: of one that is long over those that were heard in it, for others came since. */
async function sensorsHeard(
  { store, sensors, clock }: CoverageParts,
  { from, to }: { from: number; to: number },
  queryContext: QueryContext,
): Promise<string[]> {
  if (to > clock() - lateMs)
    return sensors.list().flatMap(({ id, reading }) => (reading && reading.ts >= from ? [id] : []))
  const found = await Promise.all(kinds.map((kind) => store.newest({ kind, from, to }, queryContext)))
  return found.flat().map(({ sensor }) => sensor)
}
