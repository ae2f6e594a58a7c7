import type { Feature, FeatureCollection } from 'geojson'
import type { City } from '#city/city.ts'
import type { Road } from '#city/roads.ts'
import type { Waterway } from '#city/waterways.ts'

/** The sketch of the city as the dashboard draws it: roads and waterways as lines, places as points, each with `name` (vi) and `name_en`; `schematic`: the roads are a sketch. */
export function cityMap(city: City): FeatureCollection & { schematic: boolean } {
  const lineOf =
    (kind: 'road' | 'waterway') =>
    ({ id, name, class: lineClass, line }: Road | Waterway): Feature => ({
      type: 'Feature',
      properties: { kind, id, name: name.vi, name_en: name.en, class: lineClass },
      geometry: { type: 'LineString', coordinates: line },
    })
  const [roads, waterways] = [city.roads.map(lineOf('road')), city.waterways.map(lineOf('waterway'))]
  const places = city.places.map(
    ({ id, name, kind, position }): Feature => ({
      type: 'Feature',
      properties: { kind, id, name: name.vi, name_en: name.en },
      geometry: { type: 'Point', coordinates: position },
    }),
  )
  return { type: 'FeatureCollection', schematic: city.areRoadsSchematic, features: [...roads, ...waterways, ...places] }
}
