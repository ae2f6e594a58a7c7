import { cornerDistances, distanceAlong, partOfLine } from '#telemetry/geometry.ts'
import type { Position } from '#telemetry/position.ts'

/** A traffic counter on a road. */
export interface Counter {
  id: string
  position: Position
}

/** A stretch of a road that shows what its counters measure. */
export interface RoadPiece {
  id: string
  counters: readonly string[]
  line: Position[]
}

/** m along the road within which counters share a piece */
const sharedMetres = 250
/** m along the road that a counter speaks for, to each side: beyond it nobody knows */
const reachMetres = 750

/**
 * Cuts a road half-way between its counters. Counters close to one another share a piece, and where the next counter is far
 * the road beyond reach belongs to nobody.
 */
export function cutRoad(road: string, line: readonly Position[], counters: readonly Counter[]): RoadPiece[] {
  const length = cornerDistances(line).at(-1) ?? 0
  const placed = counters
    .map(({ id, position }) => ({ id, at: distanceAlong(line, position) }))
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  const groups: { from: number; to: number; counters: string[] }[] = []
  for (const { id, at } of placed) {
    const last = groups.at(-1)
    if (last && at - last.from <= sharedMetres) {
      last.counters.push(id)
      last.to = at
    } else groups.push({ from: at, to: at, counters: [id] })
  }
  return groups.flatMap((group, place) => {
    const before = groups[place - 1]
    const after = groups[place + 1]
    const from = Math.max(0, group.from - reachMetres, before ? (before.to + group.from) / 2 : 0)
    const to = Math.min(length, group.to + reachMetres, after ? (group.to + after.from) / 2 : length)
    if (to <= from) return []
    return [{ id: `${road}/${group.counters[0]}`, counters: group.counters, line: partOfLine(line, from, to) }]
  })
}
