import type { GeoJSONSource, Map as MapLibreMap } from 'maplibre-gl'
import { points } from './geojson-sources.ts'
import { markRanks } from './mark-of-sensor.ts'
import type { SourceData } from './source-data.ts'
import { deskMarkPx } from './visual-angle.ts'

/** the last zoom at which abnormal marks merge into one */
const clusterMaxZoom = 15

/** px within which they do */
const clusterRadius = (scale: number) => Math.round(1.6 * deskMarkPx * scale)

/** Adds the sources of sensors, with their first data; marks are `scale` times as large as at a desk. */
export function addSensorSources(map: MapLibreMap, data: SourceData, scale: number): void {
  map.addSource('sensors', { ...points, data: data.first('sensors'), promoteId: 'id' })
  map.addSource('stations', { ...points, data: data.first('stations') })
  map.addSource('offline', { ...points, data: data.first('offline') })
  map.addSource('manual', { ...points, data: data.first('manual') })
  map.addSource('marks', {
    type: 'geojson',
    data: data.first('marks'),
    cluster: true,
    clusterRadius: clusterRadius(scale),
    clusterMaxZoom,
    clusterProperties: {
      // how many of each rank there are, by its number
      ...Object.fromEntries(
        markRanks.map((rank) => [`of${rank}`, ['+', ['case', ['==', ['get', 'rank'], rank], 1, 0]]]),
      ),
      rank: ['min', ['get', 'rank']],
    },
  })
  map.addSource('selected', { ...points, data: data.first('selected') })
}

const marksOf = (map: MapLibreMap) => map.getSource<GeoJSONSource>('marks')

/** Merges marks anew that have another size. */
export function scaleClusters(map: MapLibreMap, scale: number): void {
  marksOf(map)?.setClusterOptions({ cluster: true, clusterRadius: clusterRadius(scale), clusterMaxZoom })
}

/** The zoom at which a cluster of marks falls apart. */
export async function expansionZoom(map: MapLibreMap, cluster: number): Promise<number> {
  const zoom = await marksOf(map)?.getClusterExpansionZoom(cluster)
  if (zoom === undefined) throw new Error('the map has lost its source marks')
  return zoom
}
