import { alertSteps, alertsAt, alertsKeptAt } from '#storage/alerts-at.ts'
import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import type { AlertEvent } from '#telemetry/alert.ts'
import { maxReplayAlerts, type ReplayResponse } from '#telemetry/replay.ts'

type ReplayAlerts = Pick<ReplayResponse, 'to' | 'alerts' | 'alertsKept' | 'alertsKeptFrom' | 'alertSteps'>

/**
 * What is replayed of alerts: those open at the start of a span when `state` is asked for, and what happened to alerts in it, in
 * steps of `step` ms. Ends earlier than asked when it holds too much; undefined when not even one step fits into an answer.
 */
export async function replayAlerts(
  store: TelemetryStore,
  { from, to, step, state }: { from: number; to: number; step: number; state: boolean },
  queryContext: QueryContext,
): Promise<ReplayAlerts | undefined> {
  const found = await alertSteps(store, queryContext, { from, to, step, most: maxReplayAlerts })
  if (!found) return undefined
  const before = state ? await alertsAt(store, queryContext, { moment: from, most: maxReplayAlerts }) : undefined
  const kept = before?.kept ?? (await alertsKeptAt(store, queryContext, from))
  const { checkpointAt } = found
  const isLearnt = kept !== 'all' && checkpointAt !== undefined
  // what a checkpoint repeats is news only where nothing says what was open before it
  const steps = isLearnt ? found.steps : found.steps.filter(({ type }) => type !== 'carried')
  return {
    ...{ to: found.to, alertsKept: kept, alertSteps: lastOfSteps(steps, step) },
    ...(before && { alerts: before.open }),
    ...(isLearnt && { alertsKeptFrom: checkpointAt }),
  }
}

/** The last one of each alert in each step of so many ms. */
function lastOfSteps(steps: readonly AlertEvent[], step: number): AlertEvent[] {
  if (step === 1) return [...steps]
  const last = new Map<string, AlertEvent>()
  for (const each of steps) {
    const key = `${each.alert.id} ${Math.floor(each.at / step)}`
    if ((last.get(key)?.alert.revision ?? 0) < each.alert.revision) last.set(key, each)
  }
  return [...last.values()].sort((a, b) => a.at - b.at || a.alert.revision - b.alert.revision)
}
