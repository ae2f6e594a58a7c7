import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import { type Alert, type AlertEvent, alertEventSchema } from '#telemetry/alert.ts'
import type { AlertResponse } from '#telemetry/alert-rest.ts'

/** events of one alert in an answer; the newest */
const maxLife = 1_000

/** An alert and its newest steps, oldest first; undefined when it is not known. */
export async function readAlertHistory(
  store: TelemetryStore,
  { id, open }: { id: string; open: Alert | undefined },
  queryContext: QueryContext,
): Promise<AlertResponse | undefined> {
  const found = await store.readEvents({ stream: 'alert', subject: id, limit: maxLife }, queryContext)
  const events = eventsOf(found).sort((a, b) => a.alert.revision - b.alert.revision)
  const newest = events.at(-1)?.alert
  const alert = open && open.revision >= (newest?.revision ?? 0) ? open : newest
  return alert && { alert, events: events.filter(({ type }) => type !== 'carried') }
}

/** What of a page are steps of alerts; a checkpoint is none. */
function eventsOf(page: readonly { body: unknown }[]): AlertEvent[] {
  return page.flatMap(({ body }) => alertEventSchema.safeParse(body).data ?? [])
}
