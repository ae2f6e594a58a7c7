import { type PresenceChange, presenceEventSchema, presenceSpanMs } from '#telemetry/presence.ts'
import { replayLookbackMs } from '#telemetry/replay.ts'
import { paginateEvents } from './event-pagination.ts'
import type { QueryContext, StoredEvent, TelemetryStore } from './store.ts'

/** What was noted of who is offline, as far as a moment. */
interface NotedPresence {
  /** when each sensor that was offline was noted to be: its last going, or the checkpoint (epoch ms) */
  offline: Map<string, number>
  /** when the connection of all sensors was last noted, epoch ms; undefined when it was not in the look-back of a replay */
  notedAt: number | undefined
}

/** Everyone who was offline at a moment (epoch ms). */
interface Checkpoint {
  at: number
  offline: string[]
}

/** The connections of sensors over a span. */
export interface PresenceOfSpan {
  /** who was offline just before the span */
  offline: string[]
  /** when the connection of all sensors was last noted before it, epoch ms; absent when it was not within the look-back of a replay */
  notedAt?: number
  /** who came and went within the span, in order of time: what a checkpoint knows better is a change at its time */
  changes: PresenceChange[]
  /** when the connection of all sensors was noted within the span, epoch ms, in order */
  noted: number[]
}

/** Who was offline at the beginning of a span, and who came and went with `from <= at < to` (epoch ms). */
export async function presenceOfSpan(
  store: TelemetryStore,
  context: QueryContext,
  { from, to }: { from: number; to: number },
): Promise<PresenceOfSpan> {
  const { offline, notedAt } = await presenceBefore(store, from, context)
  const found: PresenceChange[] = []
  const collector = new CheckpointCollector()
  const checkpoints: Checkpoint[] = []
  for await (const page of paginateEvents(store, { stream: 'presence', from: from - presenceSpanMs, to }, context))
    for (const { ts, body } of bodiesOf(page)) {
      if (body.type === 'changes') found.push(...body.changes)
      else if (ts >= from) checkpoints.push(...collector.add(ts, body))
    }
  const within = found.filter(([, at]) => at >= from && at < to).sort(([, a], [, b]) => a - b)
  return {
    offline: [...offline.keys()],
    ...(notedAt === undefined ? {} : { notedAt }),
    changes: withCheckpoints(within, checkpoints.reverse(), new Set(offline.keys())),
    noted: checkpoints.map(({ at }) => at),
  }
}

/** Changes in order of time, and those that a checkpoint tells of: while nobody took note, sensors came and went all the same. */
function withCheckpoints(
  changes: readonly PresenceChange[],
  checkpoints: readonly Checkpoint[],
  offline: Set<string>,
): PresenceChange[] {
  const all: PresenceChange[] = []
  const add = (change: PresenceChange) => {
    all.push(change)
    if (change[2]) offline.add(change[0])
    else offline.delete(change[0])
  }
  let next = 0
  for (const checkpoint of checkpoints) {
    for (let change = changes[next]; change && change[1] < checkpoint.at; change = changes[++next]) add(change)
    const noted = new Set(checkpoint.offline)
    for (const sensor of [...offline]) if (!noted.has(sensor)) add([sensor, checkpoint.at, false])
    for (const sensor of noted) if (!offline.has(sensor)) add([sensor, checkpoint.at, true])
  }
  for (const change of changes.slice(next)) add(change)
  return all
}

/** Sensors that were offline just before a moment (epoch ms), each with the moment at which it was noted to be. */
export async function offlineSince(
  store: TelemetryStore,
  moment: number,
  context?: QueryContext,
): Promise<Map<string, number>> {
  return (await presenceBefore(store, moment, context)).offline
}

/**
 * Who was offline just before a moment (epoch ms): those of the last checkpoint, and who came and went since. None when
 * nothing was kept in the look-back of a replay.
 */
async function presenceBefore(store: TelemetryStore, moment: number, context?: QueryContext): Promise<NotedPresence> {
  const changes: PresenceChange[] = []
  const collector = new CheckpointCollector()
  let checkpoint: Checkpoint | undefined
  const span = { stream: 'presence' as const, from: moment - replayLookbackMs, to: moment }
  for await (const page of paginateEvents(store, span, context)) {
    for (const { ts, body } of bodiesOf(page)) {
      if (body.type === 'changes') changes.push(...body.changes)
      else if (!checkpoint) [checkpoint] = collector.add(ts, body)
    }
    // an event holds changes up to so long after its time
    if (checkpoint && (page.at(-1)?.ts ?? 0) < checkpoint.at - presenceSpanMs) break
  }
  const notedAt = checkpoint?.at
  const offline = new Map((checkpoint?.offline ?? []).map((id) => [id, notedAt ?? moment]))
  const from = notedAt ?? Number.NEGATIVE_INFINITY
  const since = changes.filter(([, at]) => at >= from && at < moment).sort(([, a], [, b]) => a - b)
  for (const [sensor, at, isOffline] of since)
    if (isOffline) offline.set(sensor, at)
    else offline.delete(sensor)
  return { offline, notedAt }
}

/** Puts checkpoints together, whose parts come one after the other; an incomplete one, half lost, is left out. */
class CheckpointCollector {
  #parts: string[][] = []
  #at = Number.NEGATIVE_INFINITY

  /** The checkpoint that this part completes. */
  add(at: number, { parts, offline }: { parts: number; offline: string[] }): Checkpoint[] {
    this.#parts = at === this.#at ? [...this.#parts, offline] : [offline]
    this.#at = at
    return this.#parts.length === parts ? [{ at, offline: this.#parts.flat() }] : []
  }
}

/** What of a page has the shape of today. */
function bodiesOf(page: readonly StoredEvent[]) {
  return page.flatMap(({ ts, body }) => {
    const { data } = presenceEventSchema.safeParse(body)
    return data ? [{ ts, body: data }] : []
  })
}
