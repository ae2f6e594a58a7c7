import { type Alert, alertState } from '#telemetry/alert.ts'
import type { AlertsQuery } from '../routes/alerts.ts'
import type { Handlers } from './history.ts'

/** Those that every filter lets through, in order, one page of them. */
export function listed(alerts: readonly Alert[], handlers: Handlers, query: AlertsQuery, isHistory: boolean) {
  const who = (alert: Alert) => [...(handlers.get(alert.id) ?? [])]
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
      fits(query.sensor, ...alert.sensors) &&
      fits(query.by, ...who(alert)),
  )
  some.sort(isHistory ? byTime : byPriority)
  const page = some.slice(query.offset, query.offset + query.limit)
  return {
    total: some.length,
    alerts: page,
    handledBy: Object.fromEntries(
      page.map((alert) => [alert.id, who(alert)] as const).filter(([, by]) => by.length > 0),
    ),
    handlers: [...new Set(alerts.flatMap(who))].sort(),
  }
}

const byTime = (a: Alert, b: Alert) => b.raisedAt - a.raisedAt || (a.id < b.id ? -1 : 1)
const byPriority = (a: Alert, b: Alert) => a.priority - b.priority || byTime(a, b)
