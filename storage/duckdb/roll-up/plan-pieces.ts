import { hourMs } from '#telemetry/durations.ts'
import type { LocalDays } from '../../roll-up/local-days.ts'
import type { Span } from '../../roll-up/spans.ts'
import { ceilHour, floorHour, isWholeHour } from '../../roll-up/utc-hours.ts'

/** Where a span is answered from. */
export type Level = 'days' | 'hours' | 'readings'

/** A span that is answered from one of these; of days and hours it holds whole ones. */
export interface Piece extends Span {
  level: Level
}

/** What is known of the roll-ups of a kind. */
export interface RollUpsKept {
  /** all hours before are rolled up but those that are dirty; negatively infinite when none is */
  rolledTo: number
  /** local days that end no later have roll-ups of their own, if they are made of whole hours (UTC) */
  daysTo: number
  days: LocalDays
}

/** pieces of one sensor beyond which days are no longer used, then hours neither: each costs a comparison a row */
const maxPieces = 64

/** no local day is shorter */
const shortestDayMs = 20 * hourMs

/** Appends a piece to those before, united with the last when it continues that. */
function append(pieces: Piece[], level: Level, from: number, to: number): void {
  if (from >= to) return
  const last = pieces.at(-1)
  if (last?.level === level && last.to === from) last.to = to
  else pieces.push({ level, from, to })
}

/** Appends whole hours: whole days among them as such. */
function appendHours(pieces: Piece[], { from, to }: Span, { days, daysTo }: RollUpsKept): void {
  const last = Math.min(to, daysTo)
  const starts = last - from < shortestDayMs ? [] : days.startsOf(from, last).filter((ts) => from <= ts && ts <= last)
  const [begin, end] = [starts[0], starts.at(-1)]
  if (begin === undefined || end === undefined || !starts.every(isWholeHour)) append(pieces, 'hours', from, to)
  else {
    append(pieces, 'hours', from, begin)
    append(pieces, 'days', begin, end)
    append(pieces, 'hours', end, to)
  }
}

function planned(edges: readonly number[], clip: Span, kept: RollUpsKept): Piece[] {
  const pieces: Piece[] = []
  for (const [index, edge] of edges.entries()) {
    const from = Math.max(edge, clip.from)
    const to = Math.min(edges[index + 1] ?? edge, clip.to)
    if (from >= to) continue
    const [first, last] = [ceilHour(from), floorHour(Math.min(to, kept.rolledTo))]
    if (first >= last) {
      append(pieces, 'readings', from, to)
      continue
    }
    append(pieces, 'readings', from, first)
    appendHours(pieces, { from: first, to: last }, kept)
    append(pieces, 'readings', last, to)
  }
  return pieces
}

/**
 * Which pieces of the time in which a sensor was in its group (`clip`) are answered from roll-ups of days, of hours, and from
 * readings: what is whole, and rolled up, from the coarser.
 */
export function planPieces(edges: readonly number[], clip: Span, kept: RollUpsKept): Piece[] {
  const pieces = planned(edges, clip, kept)
  if (pieces.length <= maxPieces) return pieces
  const coarse = planned(edges, clip, { ...kept, daysTo: -Infinity })
  return coarse.length <= maxPieces ? coarse : planned(edges, clip, { ...kept, rolledTo: -Infinity })
}

/** The same where some hours are dirty (spans of whole hours in order of time): these from readings, the other hours of their days from hours. */
export function withoutDirty(pieces: readonly Piece[], dirty: readonly Span[], kept: RollUpsKept): Piece[] {
  const clean: Piece[] = []
  for (const { level, from, to } of pieces) {
    const met = level === 'readings' ? [] : dirty.filter((span) => span.from < to && from < span.to)
    let at = from
    for (const span of met) {
      const [dirtyFrom, dirtyTo] = [Math.max(span.from, at), Math.min(span.to, to)]
      if (dirtyFrom >= dirtyTo) continue
      appendClean(clean, level, { from: at, to: dirtyFrom }, kept)
      append(clean, 'readings', dirtyFrom, dirtyTo)
      at = dirtyTo
    }
    appendClean(clean, level, { from: at, to }, kept)
  }
  return clean
}

function appendClean(pieces: Piece[], level: Level, span: Span, kept: RollUpsKept): void {
  if (level === 'days') appendHours(pieces, span, kept)
  else append(pieces, level, span.from, span.to)
}
