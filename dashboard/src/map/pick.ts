import type { Map as MapLibreMap, Point as ScreenPoint } from 'maplibre-gl'
import { pickedLayers } from './layers.ts'

/** Half the side (px) of the square around a place on the screen in which sensors are looked for. */
const reach = 14

/** What is at a place on the map: a sensor, or several marks drawn as one. */
export type Picked = { sensor: string } | { cluster: number; position: [number, number] }

/** The nearest sensor that is shown, or cluster, near a place on the screen, if one is near. */
export function pickAt(map: MapLibreMap, point: ScreenPoint, isShown: (id: string) => boolean): Picked | undefined {
  const box: [[number, number], [number, number]] = [
    [point.x - reach, point.y - reach],
    [point.x + reach, point.y + reach],
  ]
  let nearest: Picked | undefined
  let least = Number.POSITIVE_INFINITY
  for (const { properties, geometry } of map.queryRenderedFeatures(box, { layers: [...pickedLayers] })) {
    const cluster: unknown = properties.cluster_id
    if (geometry.type !== 'Point' || (cluster === undefined && !isShown(String(properties.id)))) continue
    const [lon = 0, lat = 0] = geometry.coordinates
    const distance = map.project([lon, lat]).dist(point)
    if (distance >= least) continue
    least = distance
    nearest =
      cluster === undefined ? { sensor: String(properties.id) } : { cluster: Number(cluster), position: [lon, lat] }
  }
  return nearest
}
