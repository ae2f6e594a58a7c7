import type { Span } from '../../roll-up/spans.ts'
import { increaseLookbackMs, type Member } from '../../roll-ups.ts'
import { type Piece, planPieces, type RollUpsKept, withoutDirty } from './plan-pieces.ts'

/** A piece of a member's time. */
export interface MemberPiece extends Piece {
  /** index of the member */
  member: number
  sensor: string
  /** absent: it only tells what was measured before */
  group?: number
}

/** Whole hours of a sensor, or of all when its name is empty, that are dirty. */
export interface DirtySpan extends Span {
  sensor: string
}

/** Spans in order of time, none of which meets another. */
export function unitedSpans(spans: readonly Span[]): Span[] {
  const united: Span[] = []
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = united.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else united.push({ from, to })
  }
  return united
}

/** Dirty spans by sensor: those of all belong to each that has some of its own. */
export class DirtySpans {
  readonly #ofAll: readonly Span[]
  readonly #bySensor = new Map<string, Span[]>()

  constructor(dirty: readonly DirtySpan[]) {
    const ofAll = dirty.filter(({ sensor }) => sensor === '')
    const own = new Map<string, Span[]>()
    for (const span of dirty) if (span.sensor !== '') own.set(span.sensor, [...(own.get(span.sensor) ?? []), span])
    this.#ofAll = unitedSpans(ofAll)
    for (const [sensor, spans] of own) this.#bySensor.set(sensor, unitedSpans([...spans, ...ofAll]))
  }

  /** The same array for all that have none of their own. */
  of(sensor: string): readonly Span[] {
    return this.#bySensor.get(sensor) ?? this.#ofAll
  }
}

/** A question's members and edges, and whether it asks for increases, which begin with the reading before the first bucket. */
interface Question {
  members: readonly Member[]
  edges: readonly number[]
  hasIncrease: boolean
}

/** Which pieces of each member's time are answered from where. */
export function planMembers(
  { members, edges, hasIncrease }: Question,
  kept: RollUpsKept,
  dirty: DirtySpans,
): MemberPiece[] {
  const known = new Map<string, Piece[]>()
  const clean = new Map<string, Piece[]>()
  const plan = (sensor: string, between: readonly number[], clip: Span): readonly Piece[] => {
    const key = `${between.length} ${clip.from} ${clip.to}`
    const pieces = known.get(key) ?? planPieces(between, clip, kept)
    known.set(key, pieces)
    const spans = dirty.of(sensor)
    if (spans.length === 0) return pieces
    if (spans !== dirty.of('')) return withoutDirty(pieces, spans, kept)
    const common = clean.get(key) ?? withoutDirty(pieces, spans, kept)
    clean.set(key, common)
    return common
  }
  const [begin = 0, end = 0] = [edges[0], edges.at(-1)]
  return members.flatMap(({ sensor, group, from = begin, to = end }, member) => {
    const clip = { from: Math.max(from, begin), to: Math.min(to, end) }
    if (clip.from >= clip.to) return []
    const pieces = plan(sensor, edges, clip).map((piece) => ({ ...piece, member, sensor, group }))
    if (!hasIncrease) return pieces
    const before = { from: begin - increaseLookbackMs, to: clip.from }
    return [...plan(sensor, [before.from, before.to], before).map((piece) => ({ ...piece, member, sensor })), ...pieces]
  })
}
