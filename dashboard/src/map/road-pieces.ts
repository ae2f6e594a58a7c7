type Position = readonly [number, number]

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

const metresPerDegree = 111_195

/** Plane coordinates in m, good to 0.1 % over a city. */
function metres([lon, lat]: Position): Position {
  return [lon * metresPerDegree * Math.cos((11.3 * Math.PI) / 180), lat * metresPerDegree]
}

/** m along the line to the point of it that is nearest to a position. */
function along(line: readonly Position[], starts: readonly number[], position: Position): number {
  const [x, y] = metres(position)
  let least = Number.POSITIVE_INFINITY
  let found = 0
  for (let at = 1; at < line.length; at++) {
    const [ax, ay] = metres(line[at - 1] ?? position)
    const [bx, by] = metres(line[at] ?? position)
    const length = Math.hypot(bx - ax, by - ay)
    if (length === 0) continue
    const share = Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length ** 2))
    const distance = Math.hypot(ax + share * (bx - ax) - x, ay + share * (by - ay) - y)
    if (distance >= least) continue
    least = distance
    found = (starts[at - 1] ?? 0) + share * length
  }
  return found
}

/** m along the line of each of its corners. */
function cornersOf(line: readonly Position[]): number[] {
  const starts = [0]
  for (let at = 1; at < line.length; at++) {
    const [ax, ay] = metres(line[at - 1] ?? [0, 0])
    const [bx, by] = metres(line[at] ?? [0, 0])
    starts.push((starts[at - 1] ?? 0) + Math.hypot(bx - ax, by - ay))
  }
  return starts
}

function pointAt(line: readonly Position[], starts: readonly number[], distance: number): Position {
  const after = starts.findIndex((start) => start >= distance)
  const end = line[after < 0 ? line.length - 1 : after] ?? [0, 0]
  const begin = line[after - 1]
  if (!begin) return end
  const from = starts[after - 1] ?? 0
  const share = (distance - from) / ((starts[after] ?? from) - from)
  return [begin[0] + share * (end[0] - begin[0]), begin[1] + share * (end[1] - begin[1])]
}

function part(line: readonly Position[], starts: readonly number[], from: number, to: number): Position[] {
  const corners = line.filter((_, at) => (starts[at] ?? 0) > from && (starts[at] ?? 0) < to)
  return [pointAt(line, starts, from), ...corners, pointAt(line, starts, to)]
}

/**
 * Cuts a road half-way between its counters. Counters close to one another share a piece, and where the next counter is far
 * the road beyond reach belongs to nobody.
 */
export function cutRoad(road: string, line: readonly Position[], counters: readonly Counter[]): RoadPiece[] {
  const starts = cornersOf(line)
  const whole = starts.at(-1) ?? 0
  const placed = counters
    .map(({ id, position }) => ({ id, at: along(line, starts, position) }))
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
    const to = Math.min(whole, group.to + reachMetres, after ? (group.to + after.from) / 2 : whole)
    if (to <= from) return []
    return [{ id: `${road}/${group.counters[0]}`, counters: group.counters, line: part(line, starts, from, to) }]
  })
}
