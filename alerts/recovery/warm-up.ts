import type { TelemetryStore } from '#storage/store.ts'
import type { AlertRule } from '#telemetry/alert-rule.ts'
import { hourMs } from '#telemetry/durations.ts'
import { kinds } from '#telemetry/kinds.ts'
import { partsOf } from '#telemetry/newest.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { EvaluationEngine } from '../engine/evaluation-engine.ts'
import { memoryMsOf } from '../evaluators/create-evaluator.ts'

/** readings of one sensor that are looked at: the past is thinned to so many */
const readingsPerSensor = 200
/** readings of one kind that are looked at */
const maxReadings = 400_000
/** ms that are looked back for what a rule remembers, on top of that */
const marginMs = 300_000
/** ms: what lasts longer is not looked up, but waited for anew */
const longestMs = 13 * hourMs

/**
 * Lets the engine know every sensor, and the past up to `now` (epoch ms) as far as the rules need it: so that it continues where
 * a former session stopped. Gives the newest reading of every sensor.
 */
export async function warmUp(
  engine: EvaluationEngine,
  parts: { store: TelemetryStore; rules: readonly AlertRule[]; now: number },
): Promise<readonly Reading[]> {
  const { store, rules, now } = parts
  // what is older than the newest is looked at with the past, at its own time
  const newest = (await store.latest()).flatMap((reading) => partsOf(reading).slice(-1))
  for (const kind of kinds) {
    const sensors = newest.filter((reading) => reading.kind === kind).length
    const own = rules.filter(({ enabled, scope }) => enabled && scope.kind === kind)
    if (sensors === 0 || own.length === 0) continue
    const spanMs = Math.min(longestMs, Math.max(...own.map(({ condition }) => memoryMsOf(condition))) + marginMs)
    const step = Math.ceil(Math.max(spanMs / readingsPerSensor, (spanMs * sensors) / maxReadings))
    for await (const page of store.readings({ kind, from: now - spanMs, to: now + 1, step, limit: maxReadings }))
      engine.past.warmUp(page)
  }
  return newest
}
