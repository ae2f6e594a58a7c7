import { presenceOfSpan } from '#storage/presence.ts'
import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import { minuteMs } from '#telemetry/durations.ts'
import { kinds } from '#telemetry/kinds.ts'
import { partsOf } from '#telemetry/newest.ts'
import type { NewestReading } from '#telemetry/reading.ts'
import {
  maxReplayReadings,
  type ReadingTable,
  type ReplayResponse,
  replayLookbackMs,
  TablePacker,
} from '#telemetry/replay.ts'
import { ApiProblem } from '../server/problems.ts'
import { replayAlerts } from './replay-alerts.ts'

/** ms before a moment in which most sensors have sent a reading: looked through first, for the whole look-back is long */
const nearMs = 10 * minuteMs

/** What to replay; times in epoch ms. */
export interface ReplayQuery {
  from: number
  to: number
  /** ms; every reading when absent */
  step?: number
  /** whether to begin with the newest reading of each sensor before `from` */
  state: boolean
}

/** The newest of each value of each sensor before a moment; sensors silent for longer than the look-back have none. */
async function stateAt(
  store: TelemetryStore,
  queryContext: QueryContext,
  at: number,
  sensors: number,
): Promise<ReadingTable[]> {
  const newest = new Map<string, NewestReading>()
  const addNewest = async (from: number, to: number) => {
    for (const kind of kinds)
      for (const reading of await store.newest({ kind, from, to }, queryContext))
        if (!newest.has(reading.sensor)) newest.set(reading.sensor, reading)
  }
  await addNewest(at - nearMs, at)
  if (newest.size < sensors) await addNewest(at - replayLookbackMs, at - nearMs)
  const tables = kinds.map((kind) => ({ kind, packer: new TablePacker(kind, at) }))
  for (const { kind, packer } of tables)
    for (const reading of newest.values())
      if (reading.kind === kind) for (const part of partsOf(reading)) packer.add(part)
  return tables.map(({ packer }) => packer.table())
}

/**
 * A stretch of what all sensors measured; `sensors` is how many are known. Ends earlier than asked when it holds too much.
 * @throws ApiProblem when not even one millisecond, or one step, fits into an answer
 */
export async function replay(
  { store, sensors }: { store: TelemetryStore; sensors: number },
  query: ReplayQuery,
  queryContext: QueryContext,
): Promise<ReplayResponse> {
  const { from, step = 1 } = query
  let to = query.to
  const packers: TablePacker[] = []
  for (const kind of kinds) {
    const packer = new TablePacker(kind, from)
    packers.push(packer)
    const thinned = query.step === undefined ? {} : { step }
    const asked = { kind, from, to, limit: maxReplayReadings + 1, ...thinned }
    for await (const page of store.readings(asked, queryContext))
      for (const reading of page) {
        // it says nothing of the time that it claims
        if (reading.aheadMs !== undefined) continue
        packer.add(reading)
        // where the limit is met the answer ends, at a whole step
        if (packer.size > maxReplayReadings) to = Math.min(to, reading.ts - (reading.ts % step))
      }
  }
  const { offline, notedAt, changes, noted } = await presenceOfSpan(store, queryContext, { from, to })
  const [, tooMany] = changes[maxReplayReadings] ?? []
  if (tooMany !== undefined) to = Math.min(to, tooMany - (tooMany % step))
  const alerts = to > from && (await replayAlerts(store, { from, to, step, state: query.state }, queryContext))
  if (!alerts) throw new ApiProblem('TOO_MANY_READINGS', { code: 'TOO_MANY_READINGS_OF_STEP', params: {} })
  to = alerts.to
  return {
    ...{ from, step: query.step ?? 0 },
    ...(query.state
      ? {
          ...{ state: await stateAt(store, queryContext, from, sensors), offline },
          ...(notedAt === undefined ? {} : { offlineNotedAt: notedAt }),
        }
      : {}),
    readings: packers.map((packer) => packer.table(to)),
    presence: changes.filter(([, at]) => at < to),
    presenceNoted: noted.filter((at) => at < to),
    ...alerts,
  }
}
