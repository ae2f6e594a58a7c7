/** Longitude and latitude, degrees, WGS 84. */
export type Position = readonly [number, number]

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
  let nearest = Number.POSITIVE_INFINITY
  let [from] = line
  for (const to of line) {
    if (from) nearest = Math.min(nearest, distance(nearestOn(from, to, point), point))
    from = to
  }
  return nearest
}

/** The point of a straight piece that is nearest to another. */
function nearestOn(from: Position, to: Position, point: Position): Position {
  const scale = metresPerLongitude(point[1])
  const [x, y] = [(to[0] - from[0]) * scale, (to[1] - from[1]) * metresPerDegree]
  const [px, py] = [(point[0] - from[0]) * scale, (point[1] - from[1]) * metresPerDegree]
  const share = Math.min(1, Math.max(0, (px * x + py * y) / (x * x + y * y || 1)))
  return [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]
}
