import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { City } from '#city/city.ts'
import type { Road } from '#city/roads.ts'
import type { Waterway } from '#city/waterways.ts'
import type { District } from '#telemetry/district.ts'
import { contains, distance, offset } from '#telemetry/geometry.ts'
import { byKind, type Kind, kinds } from '#telemetry/kinds.ts'
import type { Position } from '#telemetry/position.ts'
import { describeSensor, type Place } from './describe-sensor.ts'
import { simulatedKinds } from './kinds/kinds.ts'
import { type LinePoint, linePoints } from './line-points.ts'
import type { SimulatedSensor } from './sensor.ts'

/** Gives the next number from 0 (included) to 1 (excluded). */
type Random = () => number

/** m from a ward's centre within which sensors stand that no road has */
const stationRadius = 2_500

/** Tries at a random point before the ward's centre itself is taken. */
const stationTries = 50

/** How many of `count` sensors each kind has: as their shares say, one kind has the rest. */
export function sharesOf(count: number): Readonly<Record<Kind, number>> {
  const fixed = byKind((kind) => {
    const { share } = simulatedKinds[kind]
    if (share === 'rest') return undefined
    return typeof share === 'number' ? Math.round(count * share) : 0
  })
  const rest = kinds.reduce((left, kind) => left - (fixed[kind] ?? 0), count)
  return byKind((kind) => fixed[kind] ?? rest)
}

/** How many sensors each kind has on top of those that are counted. */
const onTop = (): Readonly<Record<Kind, number>> =>
  byKind((kind) => {
    const { share } = simulatedKinds[kind]
    return typeof share === 'object' ? share.onTop : 0
  })

/** Which sensors the simulated city has. */
export interface CityPlan {
  /** how many, of kinds with a share of all; without any there are no others either */
  count: number
  /** whether there are also those of kinds that come on top */
  samples: boolean
  seed: number
}

/** All sensors of the simulated city. */
export function simulatedCity(city: City, { count, samples, seed }: CityPlan): SimulatedSensor[] {
  const counted = placeSensors(city, count, seed)
  return samples && count > 0 ? [...counted, ...place(city, onTop(), seed)] : counted
}

/** Places `count` sensors in the city's districts. The same city, count and seed give the same sensors, in the same order. */
export function placeSensors(city: City, count: number, seed: number): SimulatedSensor[] {
  return place(city, sharesOf(count), seed)
}

/** Places so many sensors of each kind. */
function place(city: City, counts: Readonly<Record<Kind, number>>, seed: number): SimulatedSensor[] {
  const generator = xoroshiro128plus(seed)
  const random = () => uniformFloat64(generator)
  const along = (lines: readonly (Road | Waterway)[]) =>
    new Map(city.districts.map(({ id, outline }) => [id, linePoints(lines, outline)]))
  const points = { roads: along(city.roads), waterways: along(city.waterways) }
  const named = new Map<string, number>()
  return kinds.flatMap((kind) =>
    city.districts.flatMap((district, at) => {
      const part = partOf(counts[kind], city.districts.length, at)
      const { stands } = simulatedKinds[kind]
      const spots = (stands === 'in-wards' ? undefined : points[stands.beside].get(district.id)) ?? []
      const places =
        stands === 'in-wards' || spots.length === 0
          ? inWards(district, part, random)
          : alongLines(spots, district, part, stands.metres, random)
      return places.map((place, index) =>
        describeSensor({ kind, district, place, number: index + 1, onItsPlace: next(named, kind, place), random }),
      )
    }),
  )
}

/** The share of the district `at` when `count` sensors are dealt out to so many districts. */
function partOf(count: number, districts: number, at: number): number {
  return Math.floor(count / districts) + (at < count % districts ? 1 : 0)
}

/** Counts the sensors of a kind on a road, on a waterway or in a ward, for their names. */
function next(named: Map<string, number>, kind: Kind, place: Place): number {
  const key = `${kind} ${(place.road ?? place.waterway ?? place.ward).id}`
  const number = (named.get(key) ?? 0) + 1
  named.set(key, number)
  return number
}

/** Spreads places evenly along the district's roads or waterways, each a little to one side. */
function alongLines(
  points: readonly LinePoint<Road | Waterway>[],
  district: District,
  count: number,
  sideMetres: number,
  random: Random,
): Place[] {
  return Array.from({ length: count }, (_, index) => {
    const at = Math.floor(((index + random()) * points.length) / count)
    const point = points[at] ?? points[0]
    if (!point) return { position: district.centre, ward: wardOf(district, district.centre) }
    const side = (index % 2 === 0 ? 1 : -1) * sideMetres * (0.5 + random())
    const [east, north] = point.across
    const beside = offset(point.position, east * side, north * side)
    const position = contains(district.outline, beside) ? beside : point.position
    return placeAt(district, position, point.of)
  })
}

/** Deals places out to the wards in turn, anywhere near the ward's centre. */
function inWards(district: District, count: number, random: Random): Place[] {
  return Array.from({ length: count }, (_, index) => {
    const ward = district.wards[index % district.wards.length]
    if (!ward) return placeAt(district, district.centre)
    for (let tries = 0; tries < stationTries; tries++) {
      const radius = stationRadius * Math.sqrt(random())
      const angle = 2 * Math.PI * random()
      const position = offset(ward.centre, radius * Math.cos(angle), radius * Math.sin(angle))
      if (contains(district.outline, position) && wardOf(district, position).id === ward.id)
        return placeAt(district, position)
    }
    return placeAt(district, ward.centre)
  })
}

function placeAt(district: District, [lon, lat]: Position, line?: Road | Waterway): Place {
  const position: [number, number] = [Number(lon.toFixed(5)), Number(lat.toFixed(5))]
  return {
    position,
    ward: wardOf(district, position),
    ...(line && (isRoad(line) ? { road: line } : { waterway: line })),
  }
}

const isRoad = (line: Road | Waterway): line is Road => line.class !== 'river' && line.class !== 'canal'

/** The ward whose centre is nearest; the district itself when it has no wards. */
function wardOf(district: District, position: Position): Place['ward'] {
  let nearest: Place['ward'] = district
  let least = Number.POSITIVE_INFINITY
  for (const ward of district.wards) {
    const metres = distance(ward.centre, position)
    if (metres < least) {
      least = metres
      nearest = ward
    }
  }
  return nearest
}
