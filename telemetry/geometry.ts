import type { Position } from './position.ts'

/** m in one degree of latitude; a degree of longitude is shorter by the cosine of the latitude. */
const metresPerDegree = 111_195

/** Metres in one degree of longitude at this latitude (degrees). */
function metresPerLongitude(latitude: number): number {
  return metresPerDegree * Math.cos((latitude * Math.PI) / 180)
}

/** Distance in m on a flat map, good to 0.1 % over a city. */
export function distance([lonA, latA]: Position, [lonB, latB]: Position): number {
  return Math.hypot((lonB - lonA) * metresPerLongitude((latA + latB) / 2), (latB - latA) * metresPerDegree)
}

/** The point that lies so many m east and north of another. */
export function offset([lon, lat]: Position, east: number, north: number): [number, number] {
  return [lon + east / metresPerLongitude(lat), lat + north / metresPerDegree]
}

/** Whether a point lies inside a closed ring (even-odd rule: a ray to the east crosses the ring an odd number of times). */
export function contains(ring: readonly Position[], [lon, lat]: Position): boolean {
  let inside = false
  let previous = ring.at(-1)
  for (const point of ring) {
    if (previous && point[1] > lat !== previous[1] > lat) {
      const crossing = point[0] + ((lat - point[1]) / (previous[1] - point[1])) * (previous[0] - point[0])
      if (lon < crossing) inside = !inside
    }
    previous = point
  }
  return inside
}

/** Distance in m from a point to a line of straight pieces. */
export function distanceToLine(line: readonly Position[], point: Position): number {
  return nearestOnLine(line, point).distance
}

/** m along a line of straight pieces to the point of it that is nearest to another. */
export function distanceAlong(line: readonly Position[], point: Position): number {
  return nearestOnLine(line, point).along
}

/** m along a line to each of its corners, its start (0) and its end (its length) included. */
export function cornerDistances(line: readonly Position[]): number[] {
  let along = 0
  return line.map((corner, at) => {
    along += distance(line[at - 1] ?? corner, corner)
    return along
  })
}

/** The part of a line between two distances (m) along it. */
export function partOfLine(line: readonly Position[], from: number, to: number): Position[] {
  const along = cornerDistances(line)
  const corners = line.filter((_, at) => (along[at] ?? 0) > from && (along[at] ?? 0) < to)
  return [pointAlong(line, along, from), ...corners, pointAlong(line, along, to)]
}

function pointAlong(line: readonly Position[], along: readonly number[], metres: number): Position {
  const after = along.findIndex((corner) => corner >= metres)
  const end = line[after < 0 ? line.length - 1 : after] ?? [0, 0]
  const start = line[after - 1]
  if (!start) return end
  const before = along[after - 1] ?? 0
  return between(start, end, (metres - before) / ((along[after] ?? before) - before))
}

function nearestOnLine(line: readonly Position[], point: Position): { distance: number; along: number } {
  let nearest = { distance: Number.POSITIVE_INFINITY, along: 0 }
  let along = 0
  let [from] = line
  for (const to of line) {
    if (!from) break
    const length = distance(from, to)
    const share = nearestShare(from, to, point)
    const metres = distance(between(from, to, share), point)
    if (metres < nearest.distance) nearest = { distance: metres, along: along + share * length }
    along += length
    from = to
  }
  return nearest
}

/** Where a straight piece is nearest to a point: 0 at its start, 1 at its end. */
function nearestShare(from: Position, to: Position, point: Position): number {
  const scale = metresPerLongitude(point[1])
  const [x, y] = [(to[0] - from[0]) * scale, (to[1] - from[1]) * metresPerDegree]
  const [px, py] = [(point[0] - from[0]) * scale, (point[1] - from[1]) * metresPerDegree]
  return Math.min(1, Math.max(0, (px * x + py * y) / (x * x + y * y || 1)))
}

const between = (from: Position, to: Position, share: number): Position => [
  from[0] + share * (to[0] - from[0]),
  from[1] + share * (to[1] - from[1]),
]
