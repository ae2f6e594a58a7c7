import { addProtocol } from 'maplibre-gl'
import type { District } from '#telemetry/district.ts'
import type { BaseMapArchive } from './base-map-archive.ts'
import { baseMapLayers, baseMapNameLayers } from './base-map-layers.ts'
import { outlines, wardPoints } from './features.ts'
import { lines, points } from './geojson-sources.ts'
import { districtFillLayer, outlineLayer } from './ground-layers.ts'
import type { Ground } from './ground-map.ts'
import { wardNameLayer } from './name-layers.ts'

/**
 * The ground drawn from the archive of the base map, which the browser reads by ranges. The names are on the ground too: placed
 * anew only when the map has moved, not with each change of a sensor. Rejects when the archive cannot be read.
 */
export async function loadBaseMap(archive: Promise<BaseMapArchive>, districts: readonly District[]): Promise<Ground> {
  const { source, protocol } = await archive
  addProtocol('pmtiles', protocol)
  return {
    sources: {
      'base-map': source,
      districts: { ...lines, data: outlines(districts) },
      wards: { ...points, data: wardPoints(districts) },
    },
    layers: (appearance) => [
      districtFillLayer(appearance.theme),
      ...baseMapLayers(appearance.theme),
      outlineLayer(appearance.theme),
      ...baseMapNameLayers(appearance),
      // placed first, so that no place takes a ward's room
      wardNameLayer(appearance),
    ],
  }
}
