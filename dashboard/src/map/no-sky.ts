import type { Map as MapLibreMap } from 'maplibre-gl'

/**
 * Removes the sky of a map that is only seen from straight above. MapLibre draws one over the whole canvas even when none is
 * to be seen, which without a graphics card is half of what a drawing costs.
 */
export function drawNoSky(map: MapLibreMap): void {
  const removeSky = () => {
    map.painter.drawFunctions = { ...map.painter.drawFunctions, sky: () => {} }
  }
  removeSky()
  map.on('webglcontextrestored', removeSky)
}
