import { type Alert, alertState } from '#telemetry/alert.ts'
import type { AlertsQuery } from '../routes/alerts.ts'

/** Those that every filter lets through, in order, one page of them. */
export function listed(alerts: readonly Alert[], query: AlertsQuery, isHistory: boolean) {
  const fits = (wanted: readonly unknown[] | undefined, ...found: unknown[]) =>
    wanted === undefined || found.some((each) => wanted.includes(each))
  const some = alerts.filter(
    (alert) =>
      fits(query.state, alertState(alert)) &&
      fits(query.priority, alert.priority) &&
      fits(query.cause, alert.cause) &&
      fits(query.district, alert.district) &&
      fits(query.ward, alert.ward) &&
      fits(query.kind, alert.kind) &&
      fits(query.rule, alert.rule) &&
      fits(query.sensor, ...alert.sensors),
  )
  some.sort(isHistory ? byTime : byPriority)
  return { total: some.length, alerts: some.slice(query.offset, query.offset + query.limit) }
}

const byTime = (a: Alert, b: Alert) => b.raisedAt - a.raisedAt || (a.id < b.id ? -1 : 1)
const byPriority = (a: Alert, b: Alert) => a.priority - b.priority || byTime(a, b)
