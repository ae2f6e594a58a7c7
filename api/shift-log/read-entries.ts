import type { QueryContext, StoredEvent, TelemetryStore } from '#storage/store.ts'
import {
  type Correction,
  correctionSchema,
  type HandOver,
  handOverSchema,
  headOf,
  type Note,
  noteSchema,
  type ShiftEntry,
  storedShiftEntrySchema,
} from '#telemetry/shift-log.ts'
import type { HandOversResponse, ShiftLogResponse } from '#telemetry/shift-rest.ts'
import { timeOfEntry } from './entry-id.ts'

/** corrections that one answer looks at, newest first */
const maxCorrections = 10_000

/** A span of the log: entries recorded with `from <= at < to` (epoch ms), at most about `limit`. */
export interface LogQuery {
  from?: number | undefined
  to?: number | undefined
  limit: number
}

const span = ({ from, to }: Pick<LogQuery, 'from' | 'to'>) => ({
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
})

/** A page that ends between two milliseconds, so that the next one can begin at the time of its last entry. */
function pageOf(events: readonly StoredEvent[], limit: number): StoredEvent[] {
  const beyond = events[limit]
  if (!beyond) return [...events]
  const whole = events.filter(({ ts }) => ts > beyond.ts)
  return whole.length > 0 ? whole : events.slice(0, limit)
}

/** Entries of the shift log, newest first, with the corrections of the notes among them. Rejects with StoreUnavailableError. */
export async function readLog(
  store: TelemetryStore,
  query: LogQuery,
  context: QueryContext,
): Promise<ShiftLogResponse> {
  const found = await store.readEvents({ stream: 'shift', ...span(query), limit: query.limit + 1 }, context)
  const page = pageOf(found, query.limit)
  const entries = page
    .flatMap(({ body }) => storedShiftEntrySchema.safeParse(body).data ?? [])
    .map((entry): ShiftEntry => (entry.type === 'hand-over' ? headOf(entry) : entry))
  const notes = new Set(entries.flatMap(({ type, id }) => (type === 'note' ? [id] : [])))
  const corrections = notes.size === 0 ? [] : await readCorrections(store, page.at(-1)?.ts ?? 0, context)
  return {
    entries,
    corrections: corrections.filter(({ corrects }) => notes.has(corrects)),
    truncated: page.length < found.length,
  }
}

async function readCorrections(store: TelemetryStore, from: number, context: QueryContext): Promise<Correction[]> {
  const events = await store.readEvents(
    { stream: 'shift', subject: 'correction', from, limit: maxCorrections },
    context,
  )
  return events.flatMap(({ body }) => correctionSchema.safeParse(body).data ?? [])
}

/** Notes and corrections recorded with `from <= at < to` (epoch ms), newest first, at most `limit` of each. */
export async function readNotes(
  store: TelemetryStore,
  { limit, ...rest }: LogQuery,
  context: QueryContext,
): Promise<(Note | Correction)[]> {
  const of = (subject: string) => store.readEvents({ stream: 'shift', subject, ...span(rest), limit }, context)
  const [notes, corrections] = await Promise.all([of('note'), of('correction')])
  return [
    ...notes.flatMap(({ body }) => noteSchema.safeParse(body).data ?? []),
    ...corrections.flatMap(({ body }) => correctionSchema.safeParse(body).data ?? []),
  ].toSorted((a, b) => b.at - a.at)
}

/** The note with this id; undefined when there is none. */
export async function findNote(store: TelemetryStore, id: string, context: QueryContext): Promise<Note | undefined> {
  return (await entriesAt(store, id, 'note', context)).flatMap(({ body }) => noteSchema.safeParse(body).data ?? [])[0]
}

/** The hand-over with this id; undefined when there is none. */
export async function findHandOver(
  store: TelemetryStore,
  id: string,
  context: QueryContext,
): Promise<HandOver | undefined> {
  const found = await entriesAt(store, id, 'hand-over', context)
  return found.flatMap(({ body }) => handOverSchema.safeParse(body).data ?? [])[0]
}

/** Hand-overs, newest first. */
export async function readHandOvers(
  store: TelemetryStore,
  query: LogQuery,
  context: QueryContext,
): Promise<HandOversResponse> {
  const found = await store.readEvents(
    { stream: 'shift', subject: 'hand-over', ...span(query), limit: query.limit + 1 },
    context,
  )
  const page = pageOf(found, query.limit)
  const handOvers = page.flatMap(({ body }) => handOverSchema.safeParse(body).data ?? []).map(headOf)
  return { handOvers, truncated: page.length < found.length }
}

/** An id holds the time at which its entry lies. */
async function entriesAt(store: TelemetryStore, id: string, subject: string, context: QueryContext) {
  const at = timeOfEntry(id)
  const events = await store.readEvents({ stream: 'shift', subject, from: at, to: at + 1, limit: 100 }, context)
  return events.filter((event) => event.id === id)
}
