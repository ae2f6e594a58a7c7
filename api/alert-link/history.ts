import { eventPages } from '#storage/event-pages.ts'
import type { Asking, TelemetryStore } from '#storage/store.ts'
import { type Alert, type AlertEvent, alertEventSchema } from '#telemetry/alert.ts'
import type { AlertResponse } from '#telemetry/alert-rest.ts'

/** events that one answer looks at */
const maxEvents = 50_000
/** events of one alert in an answer; the newest */
const maxLife = 1_000

/** Who did something about each alert, by its id. */
export type Handlers = ReadonlyMap<string, Set<string>>

/** Who did something about alerts, as far as the alerts themselves say: of a shelf that is over only its event does. */
export function handlersOf(alerts: readonly Alert[]): Handlers {
  const names = ({ acknowledged, shelved }: Alert) => [acknowledged?.by, shelved?.by].filter((by) => by !== undefined)
  return new Map(alerts.map((alert) => [alert.id, new Set(names(alert))]))
}

/**
 * Every alert that was open at some time with `from <= time < to` (epoch ms): what is open now, and what has a step since
 * `from`, for no alert is closed without one. `complete` is false when there were more events than one answer looks at.
 */
export async function alertsOfSpan(
  store: TelemetryStore,
  open: readonly Alert[],
  span: { from?: number | undefined; to?: number | undefined },
  { now, asking }: { now: number; asking: Asking },
): Promise<{ alerts: Alert[]; handlers: Handlers; complete: boolean }> {
  const { from = 0, to = now + 1 } = span
  const found = new Map(open.map((alert) => [alert.id, alert]))
  const deeds: { id: string; by: string }[] = []
  let looked = 0
  for await (const page of eventPages(store, { stream: 'alert', from }, asking)) {
    for (const { alert, by } of eventsOf(page)) {
      if (by !== undefined) deeds.push({ id: alert.id, by })
      if ((found.get(alert.id)?.revision ?? 0) < alert.revision) found.set(alert.id, alert)
    }
    looked += page.length
    if (looked >= maxEvents) break
  }
  const alerts = [...found.values()].filter(({ raisedAt, clearedAt = now }) => raisedAt < to && clearedAt >= from)
  const handlers = handlersOf(alerts)
  for (const { id, by } of deeds) handlers.get(id)?.add(by)
  return { alerts, handlers, complete: looked < maxEvents }
}

/** An alert and its newest steps, oldest first; undefined when it is not known. */
export async function lifeOf(
  store: TelemetryStore,
  { id, open }: { id: string; open: Alert | undefined },
  asking: Asking,
): Promise<AlertResponse | undefined> {
  const found = await store.readEvents({ stream: 'alert', subject: id, limit: maxLife }, asking)
  const events = eventsOf(found).sort((a, b) => a.alert.revision - b.alert.revision)
  const newest = events.at(-1)?.alert
  const alert = open && open.revision >= (newest?.revision ?? 0) ? open : newest
  return alert && { alert, events: events.filter(({ type }) => type !== 'carried') }
}

/** What of a page are steps of alerts; a checkpoint is none. */
function eventsOf(page: readonly { body: unknown }[]): AlertEvent[] {
  return page.flatMap(({ body }) => alertEventSchema.safeParse(body).data ?? [])
}
