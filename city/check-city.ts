import type { District } from '#telemetry/district.ts'
import { contains } from '#telemetry/geometry.ts'
import type { CityFault } from './city-folder.ts'
import type { Outline } from './outlines.ts'
import type { Place } from './places.ts'
import type { Road } from './roads.ts'
import type { Waterway } from './waterways.ts'

/** What the files of a city hold, each valid by itself. */
export interface CityFiles {
  districts: readonly Omit<District, 'outline'>[]
  outlines: readonly Outline[]
  roads: readonly Road[]
  waterways: readonly Waterway[]
  places: readonly Place[]
}

const feature = (at: number, id: string) => `feature ${at + 1} ("${id}")`
const districtPlace = (at: number, id: string) => `district ${at + 1} ("${id}")`

/** What does not fit together in the files of a city. */
export function checkCity(files: CityFiles): CityFault[] {
  return [...repeatedIds(files), ...outlineFaults(files), ...centreFaults(files)]
}

/** Every thing of the city has an id of its own: filters, topics and the map know it by that alone. */
function repeatedIds({ districts, roads, waterways, places }: CityFiles): CityFault[] {
  const features = (file: string, of: readonly { id: string }[]) =>
    of.map(({ id }, at) => ({ id, file, place: feature(at, id) }))
  const all = [
    ...districts.flatMap(({ id, wards }, at) => [
      { id, file: 'districts.json', place: districtPlace(at, id) },
      ...wards.map((ward, index) => ({
        ...{ id: ward.id, file: 'districts.json', place: `${districtPlace(at, id)}, wards[${index}]` },
      })),
    ]),
    ...features('roads.geojson', roads),
    ...features('waterways.geojson', waterways),
    ...features('places.geojson', places),
  ]
  const seen = new Map<string, string>()
  return all.flatMap(({ id, file, place }) => {
    const first = seen.get(id)
    if (first === undefined) seen.set(id, `${file}, ${place}`)
    return first === undefined
      ? []
      : [{ file, place, words: `has the id "${id}", as has ${first}: give it one of its own` }]
  })
}

/** Each district has one outline, and each outline a district. */
function outlineFaults({ districts, outlines }: CityFiles): CityFault[] {
  const file = 'outlines.geojson'
  const known = districts.map(({ id }) => id)
  const missing = known.filter((id) => !outlines.some(({ district }) => district === id))
  const faults = missing.map((id) => ({
    ...{ file, words: `has no feature for the district "${id}" of districts.json: add a Polygon with "id": "${id}"` },
  }))
  return outlines.reduce<CityFault[]>((told, { district }, at) => {
    const first = outlines.findIndex((other) => other.district === district)
    const place = feature(at, district)
    if (!known.includes(district))
      told.push({ file, place, words: `is no district of districts.json, which has ${known.join(', ')}` })
    else if (first < at)
      told.push({ file, place, words: `is a second outline of this district, after feature ${first + 1}: keep one` })
    return told
  }, faults)
}

/** Names stand at the centres of districts and wards, and simulated sensors near those of wards. */
function centreFaults({ districts, outlines }: CityFiles): CityFault[] {
  const file = 'districts.json'
  const words = 'lies outside the outline of the district (longitude comes first): move it inside'
  return districts.flatMap(({ id, centre, wards }, at) => {
    const ring = outlines.find(({ district }) => district === id)?.ring
    if (!ring) return []
    const place = districtPlace(at, id)
    return [
      ...(contains(ring, centre) ? [] : [{ file, place: `${place}, centre`, words }]),
      ...wards.flatMap((ward, index) =>
        contains(ring, ward.centre) ? [] : [{ file, place: `${place}, wards[${index}] ("${ward.id}"), centre`, words }],
      ),
    ]
  })
}
