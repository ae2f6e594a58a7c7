import type { Span } from '#storage/roll-up/spans.ts'
import type { Alert, AlertEvent } from '#telemetry/alert.ts'
import { hourMs } from '#telemetry/durations.ts'

/** Causes of alerts that say that a lamp has failed: it reports a fault of itself, or is dark at night. */
export const failureCauses = ['lamp-fault', 'lamp-dark'] as const

/** ms of night between two alerts of a lamp up to which they are one failure: by day nobody sees that a lamp is dark. Own choice. */
const sameFailureNightMs = hourMs

/** A lamp that failed: from when to when (epoch ms); without an end it has not been repaired. */
export interface Failure {
  sensor: string
  from: number
  to?: number
  /** its end, if any, is that of an alert about a dark lamp: at sunrise nobody sees any more whether it is */
  endsByDay: boolean
}

const isFailure = ({ cause, commanded }: Pick<Alert, 'cause' | 'commanded'>) =>
  failureCauses.some((each) => each === cause) && commanded === undefined

/** What is said of failures of lamps by alerts as they were at first, and by the steps that followed; of each alert every time it came. */
export class FailureCollector {
  readonly #found = new Map<string, Failure>()

  /** Takes an alert as it was left by a step, in order of time. */
  add(
    alert: Pick<AlertEvent['alert'], 'id' | 'cause' | 'commanded' | 'sensors' | 'raisedAt' | 'clearedAt' | 'closedAt'>,
  ): void {
    const [sensor] = alert.sensors
    const key = `${alert.id}/${alert.raisedAt}`
    if (!isFailure(alert)) {
      this.#found.delete(key) // it turned out that somebody had ordered it
      return
    }
    if (sensor === undefined) return
    const to = alert.clearedAt ?? alert.closedAt
    const endsByDay = alert.cause === 'lamp-dark'
    this.#found.set(key, { sensor, from: alert.raisedAt, ...(to !== undefined && { to }), endsByDay })
  }

  get all(): Failure[] {
    return [...this.#found.values()]
  }
}

interface MergeQuery {
  /** epoch ms: up to when alerts are known */
  until: number
  /** ms of night between two moments (epoch ms) at a lamp's place */
  nightMsIn(sensor: string, from: number, to: number): number
}

/**
 * Failures of lamps, each once, by the alerts about them: alerts of one lamp that overlap are one failure, and so are those of a dark
 * lamp with no more than an hour of night between them. One that no such hour has followed yet is not over.
 */
export function mergeFailures(failures: readonly Failure[], { until, nightMsIn }: MergeQuery): Failure[] {
  const merged: Failure[] = []
  const last = new Map<string, Failure>()
  const isOver = ({ sensor, to, endsByDay }: Failure, by: number) =>
    to !== undefined && to < by && !(endsByDay && nightMsIn(sensor, to, by) <= sameFailureNightMs)
  for (const failure of failures.toSorted((a, b) => a.from - b.from)) {
    const held = last.get(failure.sensor)
    if (!held || isOver(held, failure.from)) {
      const begun = { ...failure }
      last.set(failure.sensor, begun)
      merged.push(begun)
    } else if (held.to !== undefined && (failure.to ?? Number.POSITIVE_INFINITY) > held.to) {
      held.endsByDay = failure.endsByDay
      if (failure.to === undefined) delete held.to
      else held.to = failure.to
    }
  }
  for (const failure of last.values()) if (!isOver(failure, until)) delete failure.to
  return merged
}

/** What failures are in a span: those that began, and that ended, and how long (h) the latter lasted on the mean. */
export function failureFigures(failures: readonly Failure[], { from, to }: Span) {
  const isIn = (ts: number | undefined) => ts !== undefined && ts >= from && ts < to
  const repaired = failures.flatMap((each) => (isIn(each.to) && each.to !== undefined ? [each.to - each.from] : []))
  return {
    failures: failures.filter((each) => isIn(each.from)).length,
    repairs: repaired.length,
    ...(repaired.length > 0 && {
      meanRepairHours: repaired.reduce((sum, ms) => sum + ms, 0) / repaired.length / hourMs,
    }),
    openFailures: failures.filter((each) => each.from < to && (each.to === undefined || each.to >= to)).length,
  }
}
