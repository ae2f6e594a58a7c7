import type { AddProtocolAction, VectorSourceSpecification } from 'maplibre-gl'
import { PMTiles, Protocol } from 'pmtiles'

/** The archive of a base map, as MapLibre draws from it. */
export interface BaseMapArchive {
  source: VectorSourceSpecification
  /** reads the tiles that `source` names */
  protocol: AddProtocolAction
}

/**
 * Opens an archive that the platform serves by ranges. It is loaded only where there is one, so nothing else is imported here:
 * what this file shared with the map's code would be cut out of that. Rejects when it cannot be read.
 */
export async function openBaseMapArchive(path: string): Promise<BaseMapArchive> {
  const url = new URL(path, location.href).href
  const archive = new PMTiles(url)
  const { minZoom, maxZoom, minLon, minLat, maxLon, maxLat } = await archive.getHeader()
  const protocol = new Protocol()
  protocol.add(archive)
  return {
    source: {
      type: 'vector',
      tiles: [`pmtiles://${url}/{z}/{x}/{y}`],
      minzoom: minZoom,
      maxzoom: maxZoom,
      bounds: [minLon, minLat, maxLon, maxLat],
    },
    protocol: protocol.tile,
  }
}
