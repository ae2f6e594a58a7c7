import type { Feature, Position } from 'geojson'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { City } from '#city/city.ts'
import type { TileLayers } from '../../test/support/pmtiles-file.ts'

/** How much there is of each: about what an extract of the province holds around two districts. */
const amounts = {
  majorRoads: 300,
  streets: 12_000,
  buildings: 20_000,
  fields: 900,
  lakes: 250,
  canals: 150,
  places: 300,
}
/** west, south, east, north, degrees: what the map shows when it opens, and some around it */
const box = [105.92, 11.1, 106.35, 11.5] as const

type Random = () => number

const between = (random: Random, least: number, most: number) => least + (most - least) * random()

/** A line of so many straight pieces (degrees long each) that wanders. */
function wander(random: Random, [lon = 0, lat = 0]: Position, pieces: number, piece: number): Position[] {
  let heading = between(random, 0, 2 * Math.PI)
  const line: Position[] = [[lon, lat]]
  for (let at = 0; at < pieces; at++) {
    heading += between(random, -0.35, 0.35)
    const [x = 0, y = 0] = line.at(-1) ?? []
    line.push([x + piece * Math.sin(heading), y + piece * Math.cos(heading)])
  }
  return line
}

function lineOf(properties: object, coordinates: Position[]): Feature {
  return { type: 'Feature', properties: { ...properties }, geometry: { type: 'LineString', coordinates } }
}

/** A shape with so many corners, of about so many degrees. */
function patch(
  random: Random,
  [lon = 0, lat = 0]: Position,
  size: number,
  corners: number,
  properties: object,
): Feature {
  const ring = Array.from({ length: corners }, (_, at): Position => {
    const [turn, far] = [(at / corners) * 2 * Math.PI, size * between(random, 0.6, 1)]
    return [lon + far * Math.cos(turn), lat + far * Math.sin(turn)]
  })
  const coordinates = [[...ring, ring[0] ?? [lon, lat]]]
  return { type: 'Feature', properties: { ...properties }, geometry: { type: 'Polygon', coordinates } }
}

/** A base map as full as a real one: the city's roads, and thousands of streets, buildings, fields, lakes and names, the same each time. */
export function denseBaseMap({ districts, roads }: City): TileLayers {
  const generator = xoroshiro128plus(1)
  const random: Random = () => uniformFloat64(generator)
  const centres = districts.flatMap(({ wards }) => wards.map(({ centre }) => centre))
  const anywhere = (): Position => [between(random, box[0], box[2]), between(random, box[1], box[3])]
  // most of a town is near its wards' middles
  const inTown = (): Position => {
    const [lon, lat] = centres[Math.floor(random() * centres.length)] ?? [106.1, 11.3]
    const far = 0.04 * random() ** 1.5
    const turn = between(random, 0, 2 * Math.PI)
    return [lon + far * Math.cos(turn), lat + far * Math.sin(turn)]
  }
  const many = <T>(count: number, make: (at: number) => T) => Array.from({ length: count }, (_, at) => make(at))
  const earth = patch(random, [106.15, 11.3], 0.6, 40, { kind: 'earth' })
  return {
    earth: [earth],
    landuse: many(amounts.fields, (at) =>
      patch(random, anywhere(), 0.006, 14, { kind: at % 3 === 0 ? 'park' : 'farmland', min_zoom: 9 + (at % 4) }),
    ),
    water: [
      ...many(amounts.lakes, (at) =>
        patch(random, anywhere(), 0.004, 20, { kind: 'lake', name: `Hồ ${at}`, min_zoom: 8 + (at % 5) }),
      ),
      ...many(amounts.canals, (at) =>
        lineOf({ kind: 'canal', name: `Kênh ${at}`, min_zoom: 10 }, wander(random, anywhere(), 25, 0.002)),
      ),
    ],
    buildings: many(amounts.buildings, () => patch(random, inTown(), 0.0002, 5, { kind: 'building', min_zoom: 13 })),
    roads: [
      ...roads.map(({ name, line }) => lineOf({ kind: 'highway', name: name.vi, min_zoom: 3 }, line)),
      ...many(amounts.majorRoads, (at) =>
        lineOf({ kind: 'major_road', name: `ĐT ${at}`, min_zoom: 9 + (at % 3) }, wander(random, anywhere(), 30, 0.002)),
      ),
      ...many(amounts.streets, (at) =>
        lineOf({ kind: 'minor_road', name: `Đường số ${at}`, min_zoom: 12 }, wander(random, inTown(), 6, 0.0006)),
      ),
    ],
    places: many(amounts.places, (at) => ({
      type: 'Feature',
      properties: { kind: 'locality', name: `Ấp ${at}`, population_rank: at % 9, min_zoom: 8 + (at % 5) },
      geometry: { type: 'Point', coordinates: anywhere() },
    })),
  }
}
