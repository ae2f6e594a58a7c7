import type { Logger } from 'pino'
import { paginateEvents } from '#storage/event-pagination.ts'
import type { TelemetryStore } from '#storage/store.ts'
import {
  type Alert,
  type AlertEvent,
  alertCheckpointOverlapMs,
  alertCheckpointSchema,
  alertEventSchema,
  openAlertStates,
} from '#telemetry/alert.ts'
import { dayMs } from '#telemetry/durations.ts'

/** ms before the last event of all from which on events are read where there is no checkpoint */
const closedMs = dayMs
/** alerts in one page of a search */
const pageSize = 1_000

interface LoadParts {
  store: TelemetryStore
  log: Logger
  /** open alerts that a search reads at most, where there is no checkpoint */
  maxAlerts: number
}

/**
 * Loads the last event of every alert that may be open, and of those closed lately, oldest first. A checkpoint says from when on
 * events need be read; without one the store searches the open alerts, for a long history must not delay a start.
 * @throws StoreUnavailableError
 */
export async function loadAlertLog(parts: LoadParts): Promise<AlertEvent[]> {
  const { store } = parts
  const [last] = await store.readEvents({ stream: 'alert', limit: 1 })
  if (!last) return []
  const [newest] = await store.readEvents({ stream: 'alert', subject: 'checkpoint', limit: 1 })
  const checkpoint = alertCheckpointSchema.safeParse(newest?.body).data
  const steps = await newestSince(checkpoint ? checkpoint.at - alertCheckpointOverlapMs : last.ts - closedMs, parts)
  if (!checkpoint)
    for (const step of await searchOpen(last.ts, parts)) if (!steps.has(step.alert.id)) steps.set(step.alert.id, step)
  return [...steps.values()].sort((a, b) => a.at - b.at)
}

/** The newest event of every alert that has one since then, by the alert's id. */
async function newestSince(from: number, { store, log }: LoadParts): Promise<Map<string, AlertEvent>> {
  const newest = new Map<string, AlertEvent>()
  let foreign = 0
  for await (const page of paginateEvents(store, { stream: 'alert', from })) {
    for (const { body } of page) {
      if (alertCheckpointSchema.safeParse(body).success) continue
      const event = alertEventSchema.safeParse(body)
      if (!event.success) foreign += 1
      else if ((newest.get(event.data.alert.id)?.alert.revision ?? 0) < event.data.alert.revision)
        newest.set(event.data.alert.id, event.data)
    }
  }
  if (foreign > 0) log.warn({ foreign }, 'the store holds alert events of another shape: left out')
  return newest
}

/** The open ones of all alerts that there ever were, as events. */
async function searchOpen(at: number, { store, log, maxAlerts }: LoadParts): Promise<AlertEvent[]> {
  const span = { from: 0, to: Number.MAX_SAFE_INTEGER, now: at, open: [], state: openAlertStates }
  const alerts: Alert[] = []
  let complete = true
  for (let total = 1; alerts.length < Math.min(total, maxAlerts); ) {
    const found = await store.searchAlerts({ ...span, limit: pageSize, offset: alerts.length })
    alerts.push(...found.alerts)
    total = found.total
    complete = found.complete
    if (found.alerts.length === 0) break
  }
  if (!complete) log.warn('the store holds more steps of alerts than one search looks at: the oldest are left out')
  return alerts.map((alert) => ({ type: 'carried', at: Math.min(at, alert.raisedAt), alert }))
}
