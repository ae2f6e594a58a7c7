import { type Alert, alertState } from '#telemetry/alert.ts'
import { countBySeverity, type Severity } from '#telemetry/severity.ts'

/** rows of a list from which a flood collapses */
export const floodRows = 20

/** alerts alike from which a flood makes one row of them */
const leastAlike = 3

/** What is open, by what it asks of the operator; each list by priority, then newest first. */
export interface Sorted {
  /** active or back to normal: somebody has to look at it */
  unacknowledged: Alert[]
  /** active, and somebody knows; notices, which ask for nobody */
  watched: Alert[]
  /** by the time they return */
  shelved: Alert[]
}

/** One row: an alert, or many of the same priority, place and cause. */
export type AlertRow = { key: string; alerts: readonly [Alert, ...Alert[]] }

const byUrgency = (a: Alert, b: Alert) => a.priority - b.priority || b.raisedAt - a.raisedAt || (a.id < b.id ? -1 : 1)

/** Whether somebody has to acknowledge it: a notice is over when it clears. */
export function needsAcknowledgement(alert: Alert): boolean {
  const state = alertState(alert)
  return alert.priority < 3 && (state === 'unacknowledged' || state === 'returned')
}

/** Sorts the alerts that are open: the sorting of the rail. */
export function sortAlerts(alerts: Iterable<Alert>): Sorted {
  const sorted: Sorted = { unacknowledged: [], watched: [], shelved: [] }
  for (const alert of alerts) {
    const state = alertState(alert)
    if (state === 'closed') continue
    if (state === 'shelved') sorted.shelved.push(alert)
    else if (needsAcknowledgement(alert)) sorted.unacknowledged.push(alert)
    else sorted.watched.push(alert)
  }
  sorted.unacknowledged.sort(byUrgency)
  sorted.watched.sort(byUrgency)
  sorted.shelved.sort((a, b) => (a.shelved?.until ?? 0) - (b.shelved?.until ?? 0))
  return sorted
}

/** To whom some alerts are given, by name: assignee → name, of two names the last one given. */
export function assigneesOf(alerts: Iterable<Alert>): Map<string, string> {
  const newest = new Map<string, { name: string; at: number }>()
  for (const { assigned } of alerts)
    if (assigned && assigned.at >= (newest.get(assigned.to)?.at ?? 0)) newest.set(assigned.to, assigned)
  const named = [...newest].map(([to, { name }]) => [to, name] as const)
  return new Map(named.sort(([, one], [, other]) => one.localeCompare(other, 'vi')))
}

/** How many alerts the rail lists of each severity, those shelved apart: the figures of the header. */
export function countListed({ unacknowledged, watched }: Sorted): Record<Severity, number> {
  return countBySeverity([...unacknowledged, ...watched])
}

/** The rows of a sorted list. In a flood those alike become one row, where the most urgent of them stands. */
export function rowsOf(alerts: readonly Alert[]): AlertRow[] {
  if (alerts.length <= floodRows) return alerts.map((alert) => ({ key: alert.id, alerts: [alert] }))
  const alike = new Map<string, [Alert, ...Alert[]]>()
  for (const alert of alerts) {
    const key = `${alert.priority}/${alert.group}`
    const held = alike.get(key)
    if (held) held.push(alert)
    else alike.set(key, [alert])
  }
  return [...alike].flatMap(([key, members]): AlertRow[] =>
    members.length < leastAlike
      ? members.map((alert) => ({ key: alert.id, alerts: [alert] }))
      : [{ key, alerts: members }],
  )
}
