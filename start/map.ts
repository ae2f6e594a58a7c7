import type { Feature, FeatureCollection } from 'geojson'
import type { City } from '#city/city.ts'

/** The sketch of the city as the dashboard draws it: roads as lines, places as points, each with `name` (vi) and `name_en`. */
export function cityMap(city: City): FeatureCollection {
  const roads = city.roads.map(
    ({ id, name, class: roadClass, line }): Feature => ({
      type: 'Feature',
      properties: { kind: 'road', id, name: name.vi, name_en: name.en, class: roadClass },
      geometry: { type: 'LineString', coordinates: line },
    }),
  )
  const places = city.places.map(
    ({ id, name, kind, position }): Feature => ({
      type: 'Feature',
      properties: { kind, id, name: name.vi, name_en: name.en },
      geometry: { type: 'Point', coordinates: position },
    }),
  )
  return { type: 'FeatureCollection', features: [...roads, ...places] }
}
