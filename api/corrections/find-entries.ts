import { readStoredOf, spanOf, storedEntryOf } from '#history/corrections/correction-log.ts'
import { withStates } from '#history/corrections/entry-states.ts'
import { paginateEvents } from '#storage/event-pagination.ts'
import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import {
  type CorrectionEntry,
  correctionIdSchema,
  type DataCorrection,
  type StoredCorrection,
} from '#telemetry/data-corrections.ts'
import { ApiProblem } from '../server/problems.ts'
import { timeOfEntry } from '../shift-log/entry-id.ts'

/** newest entries of all sensors that a list is made of */
const maxListed = 20_000

/** Which entries to list: those about a span with `from <= ts < to`, recorded before a time (epoch ms). */
export interface CorrectionsQuery {
  sensor?: string | undefined
  from?: number | undefined
  to?: number | undefined
  before?: number | undefined
  limit: number
}

type Reader = Pick<TelemetryStore, 'readEvents'>

/** The entry with this id, with what became of it. @throws ApiProblem when there is none */
export async function entryOf(store: Reader, id: string, context?: QueryContext): Promise<CorrectionEntry> {
  const stored = await readStored(store, id, context)
  const found = stored && withStates(await readStoredOf(store, stored.sensor, context)).find((each) => each.id === id)
  if (!found) throw new ApiProblem('NOT_FOUND', { code: 'NO_SUCH_CORRECTION', params: { id } })
  return found
}

async function readStored(store: Reader, id: string, context?: QueryContext): Promise<StoredCorrection | undefined> {
  if (!correctionIdSchema.safeParse(id).success) return undefined
  const at = timeOfEntry(id)
  const events = await store.readEvents({ stream: 'correction', from: at, to: at + 1, limit: 100 }, context)
  const event = events.find((each) => each.id === id)
  return event && storedEntryOf(event)
}

/** The span that an entry is about; nothing for one that undoes what is not there. */
export function spanOfEntry(entry: CorrectionEntry, entries: readonly CorrectionEntry[]) {
  return spanOf(entry, entries) ?? { from: 0, to: 0 }
}

/** Whether an entry, of those about one sensor, is about what a correction is about as well. */
export function overlaps(
  entry: CorrectionEntry,
  { value, from, to }: Pick<DataCorrection, 'value' | 'from' | 'to'>,
  entries: readonly CorrectionEntry[],
): boolean {
  if (entry.state === 'rejected') return false
  const span = spanOfEntry(entry, entries)
  const own = valueNameOf(entry, entries)
  return span.from < to && from < span.to && (own === undefined || value === undefined || own === value)
}

function valueNameOf(entry: CorrectionEntry, entries: readonly CorrectionEntry[]): string | undefined {
  if (entry.type === 'correction') return entry.value
  const undone = entries.find(({ id }) => id === entry.undoes)
  return undone && valueNameOf(undone, entries)
}

/** Entries with what became of them, newest first, and whether there are more. */
export async function listEntries(
  store: Reader,
  { sensor, from = 0, to = Number.POSITIVE_INFINITY, before = Number.POSITIVE_INFINITY, limit }: CorrectionsQuery,
  context: QueryContext,
): Promise<{ entries: CorrectionEntry[]; truncated: boolean }> {
  const { stored, isWhole } =
    sensor === undefined
      ? await readNewest(store, context)
      : { stored: await readStoredOf(store, sensor, context), isWhole: true }
  const entries = withStates(stored)
  const found = entries
    .filter((entry) => {
      const span = spanOfEntry(entry, entries)
      return entry.at < before && span.from < to && from < span.to
    })
    .reverse()
  return { entries: found.slice(0, limit), truncated: found.length > limit || !isWhole }
}

async function readNewest(store: Reader, context: QueryContext) {
  const stored: StoredCorrection[] = []
  for await (const page of paginateEvents(store, { stream: 'correction' }, context)) {
    stored.push(...page.flatMap((event) => storedEntryOf(event) ?? []))
    if (stored.length >= maxListed) return { stored, isWhole: false }
  }
  return { stored, isWhole: true }
}
