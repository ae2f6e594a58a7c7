import type { Map as MapLibreMap } from 'maplibre-gl'

/** ms after which what is there is drawn, however much is still to come */
const patienceMs = 1_200

/**
 * Draws a new map only when all it is to show has come and its names are placed, until the returned function is called:
 * MapLibre draws once for each source that arrives, and without a graphics card all that is still to come waits for each drawing.
 */
export function drawWhole(map: MapLibreMap): () => void {
  const { painter } = map
  const render = painter.render
  let heldSince: number | undefined
  painter.render = (...frame) => {
    const whole = map.loaded() && !map.style.placement.stale
    if (!whole && !map.isMoving()) {
      heldSince ??= performance.now()
      if (performance.now() - heldSince < patienceMs) return
    }
    heldSince = undefined
    render.apply(painter, frame)
  }
  return () => {
    painter.render = render
  }
}
