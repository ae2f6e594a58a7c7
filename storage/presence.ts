import { type PresenceChange, presenceEventSchema, presenceSpanMs } from '#telemetry/presence.ts'
import { replayLookBackMs } from '#telemetry/replay.ts'
import { paginateEvents } from './event-pagination.ts'
import type { QueryContext, StoredEvent, TelemetryStore } from './store.ts'

/** Who came and went with `from <= at < to` (epoch ms), in order of time. */
export async function presenceChanges(
  store: TelemetryStore,
  context: QueryContext,
  { from, to }: { from: number; to: number },
): Promise<PresenceChange[]> {
  const changes: PresenceChange[] = []
  for await (const page of paginateEvents(store, { stream: 'presence', from: from - presenceSpanMs, to }, context))
    for (const { body } of bodiesOf(page)) if (body.type === 'changes') changes.push(...body.changes)
  return changes.filter(([, at]) => at >= from && at < to).sort(([, a], [, b]) => a - b)
}

/**
 * Sensors that were offline just before a moment (epoch ms): those of the last checkpoint, and who came and went since. None when
 * nothing was kept in the look-back of a replay.
 */
export async function offlineAt(store: TelemetryStore, context: QueryContext, moment: number): Promise<string[]> {
  return [...(await offlineSince(store, moment, context)).keys()]
}

/** The same with the moment at which each was noted to be offline (epoch ms): its last going, or the checkpoint. */
export async function offlineSince(
  store: TelemetryStore,
  moment: number,
  context?: QueryContext,
): Promise<Map<string, number>> {
  const changes: PresenceChange[] = []
  /** parts of the newest checkpoint found so far; an incomplete one, half lost, is left out */
  let parts: string[][] = []
  let partsAt = Number.NEGATIVE_INFINITY
  let checkpointAt = Number.NEGATIVE_INFINITY
  const span = { stream: 'presence' as const, from: moment - replayLookBackMs, to: moment }
  for await (const page of paginateEvents(store, span, context)) {
    for (const { ts, body } of bodiesOf(page)) {
      if (body.type === 'changes') changes.push(...body.changes)
      else if (checkpointAt < 0) {
        parts = ts === partsAt ? [...parts, body.offline] : [body.offline]
        partsAt = ts
        if (parts.length === body.parts) checkpointAt = ts
      }
    }
    // an event holds changes up to so long after its time
    if ((page.at(-1)?.ts ?? 0) < checkpointAt - presenceSpanMs) break
  }
  const offline = new Map((checkpointAt < 0 ? [] : parts.flat()).map((id) => [id, checkpointAt]))
  const since = changes.filter(([, at]) => at >= checkpointAt && at < moment).sort(([, a], [, b]) => a - b)
  for (const [sensor, at, isOffline] of since)
    if (isOffline) offline.set(sensor, at)
    else offline.delete(sensor)
  return offline
}

/** What of a page has the shape of today. */
function bodiesOf(page: readonly StoredEvent[]) {
  return page.flatMap(({ ts, body }) => {
    const { data } = presenceEventSchema.safeParse(body)
    return data ? [{ ts, body: data }] : []
  })
}
