import { type Alert, alertState } from './alert.ts'
import type { Priority } from './alert-rule.ts'
import { type KindCause, kindOf } from './kinds.ts'
import { measuredValuesOf } from './measured-values.ts'
import type { SensorState } from './sensor.ts'
import { freshness, freshReading } from './staleness.ts'

/**
 * One severity of one thing, everywhere: the priority of an alert about it, 1 critical (◆), 2 warning (▲) or 3 notice (■). What
 * is not normal and no alert (yet) is a notice.
 */
export type Severity = Priority

/** Every severity, the gravest first. */
export const severities = [1, 2, 3] as const satisfies readonly Severity[]

const severityOfFinding = 3 satisfies Severity

/** What is not normal about a sensor by its newest values, or by its clock. */
export interface Finding {
  cause: KindCause | 'clock'
}

/**
 * What is wrong with a sensor at `now` (epoch ms) by the newest of its values that are not stale, or else with its clock. Only
 * what is known now is judged: a sensor that is not fresh is not judged by its values, and none by a value that its device was
 * not measuring. `risen`: how far the value has risen that its kind asks about.
 */
export function findingOf(
  sensor: Omit<SensorState, 'id' | 'district' | 'kind'>,
  now: number,
  risen?: number,
): Finding | undefined {
  const { meta, clock } = sensor
  const reading = freshness(sensor, now) === 'fresh' ? freshReading(sensor, now) : undefined
  const measured = reading && kindOf(reading.kind).finding(measuredValuesOf(reading), meta, reading.ts, risen)
  return measured ?? (clock && { cause: 'clock' })
}

/** The severity of a sensor: that of the gravest alert about it, or else a notice while there is a finding; undefined when it is normal. */
export function severityOf(finding: Finding | undefined, alert: Severity | undefined): Severity | undefined {
  return alert ?? (finding && severityOfFinding)
}

/** The gravest of the active alerts about each sensor, by its id. What is over or shelved does not count. */
export function severitiesOf(alerts: Iterable<Alert>): Map<string, Severity> {
  return gravestBySensor(
    alerts,
    (alert) => alertState(alert) === 'unacknowledged' || alertState(alert) === 'acknowledged',
  )
}

/** The gravest of the shelved alerts about each sensor, by its id. What is over does not count. */
export function shelvedSeveritiesOf(alerts: Iterable<Alert>): Map<string, Severity> {
  return gravestBySensor(alerts, (alert) => alertState(alert) === 'shelved' && alert.clearedAt === undefined)
}

function gravestBySensor(alerts: Iterable<Alert>, counts: (alert: Alert) => boolean): Map<string, Severity> {
  const found = new Map<string, Severity>()
  for (const alert of alerts) {
    if (!counts(alert)) continue
    for (const sensor of alert.sensors)
      if (alert.priority < (found.get(sensor) ?? Number.POSITIVE_INFINITY)) found.set(sensor, alert.priority)
  }
  return found
}

/** How many of some alerts have each severity. */
export function countBySeverity(alerts: Iterable<Pick<Alert, 'priority'>>): Record<Severity, number> {
  const counts: Record<Severity, number> = { 1: 0, 2: 0, 3: 0 }
  for (const { priority } of alerts) counts[priority] += 1
  return counts
}
