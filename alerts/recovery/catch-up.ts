import type { TelemetryStore } from '#storage/store.ts'
import { dayMs } from '#telemetry/durations.ts'
import { kinds } from '#telemetry/kinds.ts'
import type { EvaluationEngine } from '../engine/evaluation-engine.ts'

/** ms that are caught up with at the most */
export const longestGapMs = dayMs
/** ms before the last moment of monitoring that are evaluated again: what was measured then may have arrived later */
export const overlapMs = 300_000
/** readings of one kind that are read at most; when there may be more, the newest of each step of a sensor stands for the others */
const maxReadings = 1_000_000
/** ms between two readings of a sensor at the least, for the estimate of how many there are */
const closestMs = 1_000

export interface CatchUpOptions {
  store: TelemetryStore
  /** the time in which nothing was monitored, epoch ms */
  from: number
  to: number
  /** up to when it is already known what a rule found at a sensor, epoch ms */
  known: (rule: string, sensor: string) => number
}

/** Evaluates what the store holds of a time in which nothing was monitored; alerts are raised and cleared at the times of measuring. */
export async function catchUp(engine: EvaluationEngine, { store, from, to, known }: CatchUpOptions): Promise<void> {
  const since = Math.max(from, to - longestGapMs)
  for (const kind of kinds) {
    const sensors = engine.sensorsIn({ kind }).length
    if (sensors === 0) continue
    const step = Math.ceil(((to - since) * sensors) / maxReadings)
    const query = { kind, from: since, to: to + 1, limit: 2 * maxReadings, ...(step > closestMs && { step }) }
    for await (const page of store.readings(query)) engine.past.catchUp(page, known)
  }
}
