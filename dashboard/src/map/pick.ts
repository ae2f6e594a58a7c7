import type { Map as MapLibreMap, Point as ScreenPoint } from 'maplibre-gl'
import { pickedLayers } from './sensor-layer-specs.ts'

/** Half the side (px) of the square around a place on the screen in which sensors are looked for. */
const reach = 14

/** What is at a place on the map: a sensor, or several marks drawn as one. */
export type Picked = { sensor: string } | { cluster: number; position: [number, number] }

/** What is drawn over the rest comes first: a press on a cluster is not for one of the dots below it. */
const onTop: readonly string[] = ['mark-cluster', 'mark']

/** The sensor that is shown, or cluster, near a place on the screen, if one is near: of those drawn on top the nearest. */
export function pickAt(map: MapLibreMap, point: ScreenPoint, isShown: (id: string) => boolean): Picked | undefined {
  const box: [[number, number], [number, number]] = [
    [point.x - reach, point.y - reach],
    [point.x + reach, point.y + reach],
  ]
  let nearest: Picked | undefined
  let least = Number.POSITIVE_INFINITY
  let highest = onTop.length
  for (const { properties, geometry, layer } of map.queryRenderedFeatures(box, { layers: [...pickedLayers] })) {
    const cluster: unknown = properties.cluster_id
    if (geometry.type !== 'Point' || (cluster === undefined && !isShown(String(properties.id)))) continue
    const [lon = 0, lat = 0] = geometry.coordinates
    const distance = map.project([lon, lat]).dist(point)
    const height = onTop.includes(layer.id) ? onTop.indexOf(layer.id) : onTop.length
    if (height > highest || (height === highest && distance >= least)) continue
    highest = height
    least = distance
    nearest =
      cluster === undefined ? { sensor: String(properties.id) } : { cluster: Number(cluster), position: [lon, lat] }
  }
  return nearest
}
