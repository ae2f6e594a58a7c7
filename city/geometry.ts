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
