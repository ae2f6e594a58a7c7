import { appliedOf } from '#history/corrections/correction-log.ts'
import { type AppliedCorrection, flattenCorrections } from '#history/corrections/flatten-corrections.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { CorrectionEntry, DataCorrection } from '#telemetry/data-corrections.ts'
import { ApiProblem } from '../server/problems.ts'

/** Most separate spans in which values of one sensor are corrected: each is looked at with every question about it. */
const maxSegments = 20_000

/** Whether figures of a time (epoch ms) can still change. @throws ApiProblem when its readings are no longer kept */
export async function checkKept(store: TelemetryStore, from: number, now: number): Promise<void> {
  const { frozenTo } = await store.upkeepState()
  const since = Math.max(frozenTo, now - store.keptMs())
  if (from < since) throw new ApiProblem('CONFLICT', { code: 'NOT_KEPT_ANY_MORE', params: { since } })
}

/** @throws ApiProblem when a sensor had too many corrected spans with one more correction */
export async function checkRoom(
  store: TelemetryStore,
  entries: readonly CorrectionEntry[],
  correction: Pick<DataCorrection, 'sensor'> & AppliedCorrection,
): Promise<void> {
  const segments = flattenCorrections([...(await appliedOf(store, entries)), correction])
  if (segments.length > maxSegments)
    throw new ApiProblem('CONFLICT', {
      code: 'TOO_MANY_CORRECTIONS',
      params: { sensor: correction.sensor, most: maxSegments },
    })
}
