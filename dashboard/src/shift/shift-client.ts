import {
  type Correction,
  correctionSchema,
  type HandOverHead,
  handOverHeadSchema,
  type NewHandOver,
  type NewNote,
  type Note,
  noteSchema,
} from '#telemetry/shift-log.ts'
import {
  type HandOverResponse,
  type HandOversResponse,
  handOverResponse,
  handOversResponse,
  type ShiftLogResponse,
  type ShiftState,
  type SnapshotResponse,
  shiftLogResponse,
  shiftStateSchema,
  snapshotResponse,
} from '#telemetry/shift-rest.ts'
import { get, send } from '../live/api-client.ts'

/** A span of the log, epoch ms: `from <= at < to`. */
export interface Span {
  from: number
  to: number
}

/** entries in one answer */
const atOnce = 200
/** entries in one file at most */
const maxExported = 20_000

/** Entries of a span, newest first. Throws ApiError, as all here do. */
export function fetchShiftLog({ from, to }: Span, limit = atOnce): Promise<ShiftLogResponse> {
  const query = new URLSearchParams({ from: String(from), to: String(to), limit: String(limit) })
  return get(`/shift-log?${query}`, shiftLogResponse, undefined, 'entries', 'corrections')
}

/** What stands before `held` in the log: the next page of the same span. */
export async function fetchOlder(held: ShiftLogResponse, from: number): Promise<ShiftLogResponse> {
  const to = held.entries.at(-1)?.at ?? from
  const older = await fetchShiftLog({ from, to })
  return {
    ...older,
    entries: [...held.entries, ...older.entries],
    corrections: [...held.corrections, ...older.corrections],
  }
}

/** Every entry of a span, at most {@link maxExported}, in as many requests as it takes. */
export async function fetchWholeLog({ from, to }: Span): Promise<ShiftLogResponse> {
  let held = await fetchShiftLog({ from, to })
  while (held.truncated && held.entries.length < maxExported) {
    const more = await fetchOlder(held, from)
    // a page that another release wrote: nothing of it can be read here
    if (more.entries.length === held.entries.length) break
    held = more
  }
  return held
}

export const writeNote = (note: NewNote): Promise<Note> => send('POST', '/shift-log/notes', note, noteSchema)

export const correctNote = (corrects: string, text: string): Promise<Correction> =>
  send('POST', '/shift-log/corrections', { corrects, text }, correctionSchema)

/** Takes the duty, or leaves it; with `person` takes somebody else off. */
export const changeDuty = (step: 'begin' | 'end', person?: string): Promise<ShiftState> =>
  send('POST', '/shift-log/duty', { step, ...(person === undefined ? {} : { person }) }, shiftStateSchema)

/** What a hand-over lists now. It is sent back as it came: nothing of it may be left out. */
export const fetchSnapshot = (): Promise<SnapshotResponse> => get('/shift-log/snapshot', snapshotResponse)

export const signHandOver = (handOver: NewHandOver): Promise<HandOverHead> =>
  send('POST', '/shift-log/hand-overs', handOver, handOverHeadSchema)

export function fetchHandOvers(to?: number): Promise<HandOversResponse> {
  const query = new URLSearchParams({ limit: '50', ...(to === undefined ? {} : { to: String(to) }) })
  return get(`/shift-log/hand-overs?${query}`, handOversResponse, undefined, 'handOvers')
}

export const fetchHandOver = (id: string): Promise<HandOverResponse> =>
  get(`/shift-log/hand-overs/${encodeURIComponent(id)}`, handOverResponse, undefined, 'notes')

/** ms between two refreshes of what is being read */
export const refreshMs = 10_000
