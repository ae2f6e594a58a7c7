import type { Map as MapLibreMap } from 'maplibre-gl'

/**
 * Takes the sky from a map that is only seen from straight above. MapLibre draws one over the whole canvas even when none is
 * to be seen, which without a graphics card is half of what a drawing costs.
 */
export function drawNoSky(map: MapLibreMap): void {
  const take = () => {
    map.painter.drawFunctions = { ...map.painter.drawFunctions, sky: () => {} }
  }
  take()
  map.on('webglcontextrestored', take)
}
