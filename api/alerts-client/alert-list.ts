import { type AlertFilter, byTimeRaised, fitsFilter, fitsHandlers } from '#storage/alert-search.ts'
import type { Alert } from '#telemetry/alert.ts'

/** Who did something about an alert, as far as the alert itself says: of a shelf that is over only its event does. */
function handlersOf({ acknowledged, assigned, shelved }: Alert): string[] {
  return [...new Set([acknowledged?.by, assigned?.by, shelved?.by].filter((by) => by !== undefined))]
}

/** The open alerts that every filter lets through, by priority and then the last raised first, one page of them. */
export function listOpenAlerts(open: readonly Alert[], query: AlertFilter & { limit: number; offset: number }) {
  const some = open.filter((alert) => fitsFilter(alert, query) && fitsHandlers(handlersOf(alert), query))
  some.sort((a, b) => a.priority - b.priority || byTimeRaised(a, b))
  const page = some.slice(query.offset, query.offset + query.limit)
  return {
    total: some.length,
    alerts: page,
    handledBy: Object.fromEntries(
      page.map((alert) => [alert.id, handlersOf(alert)] as const).filter(([, by]) => by.length > 0),
    ),
    handlers: [...new Set(open.flatMap(handlersOf))].sort(),
    complete: true,
  }
}
