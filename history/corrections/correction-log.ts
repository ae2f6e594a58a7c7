import { paginateEvents } from '#storage/event-pagination.ts'
import type { QueryContext, StoredEvent, TelemetryStore } from '#storage/store.ts'
import {
  type CorrectionEntry,
  correctionFileSchema,
  type StoredCorrection,
  storedCorrectionSchema,
} from '#telemetry/data-corrections.ts'
import type { FilePoint } from './correction-file.ts'
import { byTime } from './entry-states.ts'
import type { AppliedCorrection } from './flatten-corrections.ts'

type Store = Pick<TelemetryStore, 'readEvents'>

/** An entry as the store has it. What a newer release wrote is none that is known here. */
export function storedEntryOf({ body }: Pick<StoredEvent, 'body'>): StoredCorrection | undefined {
  return storedCorrectionSchema.safeParse(body).data
}

/** An entry as an event; `points` are those of its file. */
export function eventsOf(entry: StoredCorrection, points?: readonly FilePoint[]): StoredEvent[] {
  const event: StoredEvent = { stream: 'correction', id: entry.id, ts: entry.at, body: entry }
  if (!points) return [event]
  return [{ stream: 'correction-file', id: entry.id, ts: entry.at, body: { correction: entry.id, points } }, event]
}

/** All entries about a sensor, in the order in which they were entered. */
export async function readStoredOf(store: Store, sensor: string, context?: QueryContext): Promise<StoredCorrection[]> {
  const stored: StoredCorrection[] = []
  for await (const page of paginateEvents(store, { stream: 'correction', subject: sensor }, context))
    stored.push(...page.flatMap((event) => storedEntryOf(event) ?? []))
  return stored.sort(byTime)
}

/** The points of a correction's file; none when it has no file. */
export async function readFilePoints(
  store: Store,
  { id, at }: Pick<CorrectionEntry, 'id' | 'at'>,
  context?: QueryContext,
): Promise<FilePoint[]> {
  const query = { stream: 'correction-file', subject: id, from: at, to: at + 1, limit: 1 } as const
  const [event] = await store.readEvents(query, context)
  return correctionFileSchema.safeParse(event?.body).data?.points ?? []
}

/** The corrections among some entries that are in force, each with the points of its file, in order. */
export async function appliedOf(
  store: Store,
  entries: readonly CorrectionEntry[],
  context?: QueryContext,
): Promise<AppliedCorrection[]> {
  const applied: AppliedCorrection[] = []
  for (const entry of entries) {
    if (entry.type !== 'correction' || entry.state !== 'in-force') continue
    const { id, kind, value, from, to, change } = entry
    const points = change.type === 'file' ? { points: await readFilePoints(store, entry, context) } : {}
    applied.push({ id, kind, ...(value !== undefined && { value }), from, to, change, ...points })
  }
  return applied
}

/** The span (epoch ms) that an entry is about: an undoing is about what it undoes. Undefined for one that undoes what is not there. */
export function spanOf(
  entry: CorrectionEntry,
  entries: readonly CorrectionEntry[],
): { from: number; to: number } | undefined {
  if (entry.type === 'correction') return { from: entry.from, to: entry.to }
  const undone = entries.find(({ id }) => id === entry.undoes)
  return undone && spanOf(undone, entries)
}
