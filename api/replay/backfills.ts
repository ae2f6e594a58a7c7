import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import { type Backfill, backfillSchema } from '#telemetry/replay.ts'

/** most backfills looked at: an empty store is filled once */
const maxBackfills = 100

/** The spans that the store was given when it was empty, in which sensors report more seldom than their period says. */
export async function readBackfills(store: TelemetryStore, queryContext: QueryContext): Promise<Backfill[]> {
  const events = await store.readEvents({ stream: 'backfill', limit: maxBackfills }, queryContext)
  return events.flatMap(({ body }) => backfillSchema.safeParse(body).data ?? [])
}
