import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import { dayMs, minuteMs } from '#telemetry/durations.ts'
import type { HandOverSnapshot } from '#telemetry/hand-over.ts'
import type { Correction, Note } from '#telemetry/shift-log.ts'
import { timeOfEntry } from './entry-id.ts'
import type { LastHandOver } from './read-duty.ts'
import { readNotes } from './read-entries.ts'

/** notes, and corrections, that a hand-over lists at most, newest first */
const maxHandOverNotes = 500

/** notes, and corrections, that are counted at most for a hand-over that does not list them all */
const maxCounted = 20_000

/** ms before the first hand-over ever from which it lists notes */
const firstShiftMs = dayMs

/** ms before a hand-over was read from which on notes may have been on their way to the store, so that it does not list them */
const lateMs = minuteMs

/** The notes and corrections that a hand-over lists, newest first; `total` counts also those beyond the most that it lists. */
interface HandOverNotes {
  total: number
  notes: (Note | Correction)[]
}

/**
 * The notes and corrections that the `last` hand-over does not list, also such as another process was about to store while it was
 * read and signed; where there was none, those of the 24 h before `now` (epoch ms).
 */
export async function readNewNotes(
  store: TelemetryStore,
  { last, now }: { last: LastHandOver | undefined; now: number },
  context: QueryContext,
): Promise<HandOverNotes> {
  const from = last ? last.readAt - lateMs : now - firstShiftMs
  const isNew = ({ id }: { id: string }) => !last?.notes.has(id)
  const found = await readNotes(store, { from, limit: maxHandOverNotes }, context)
  const notes = found.filter(isNew)
  if (found.length < maxHandOverNotes) return { total: notes.length, notes }
  const heads = await Promise.all(
    ['note', 'correction'].map((subject) =>
      store.eventHeads({ stream: 'shift', subject, from, limit: maxCounted }, context),
    ),
  )
  return { total: heads.flat().filter(isNew).length, notes }
}

/** The notes and corrections that a hand-over named, newest first: ids hold their times. */
export async function readNotesOf(
  store: TelemetryStore,
  { notes: { items } }: Pick<HandOverSnapshot, 'notes'>,
  context: QueryContext,
): Promise<(Note | Correction)[]> {
  const times = items.map(timeOfEntry)
  if (times.length === 0) return []
  const [from, to] = [Math.min(...times), Math.max(...times) + 1]
  const named = new Set(items)
  // some may have been recorded in the span by a process that the snapshot did not know of
  const found = await readNotes(store, { from, to, limit: 2 * maxHandOverNotes }, context)
  return found.filter(({ id }) => named.has(id))
}
