import type { Map as MapLibreMap } from 'maplibre-gl'

/** ms between two drawings while nobody moves the map: without a graphics card each holds up the page's other frames */
const restMs = 200
/** the same until the first sensors are drawn, which sources arrive for one by one */
const firstRestMs = 100
/** ms that a drawing waits for marks on their way through MapLibre's worker, lest they need a drawing of their own */
const leadMs = 50
/** ms after a touch of the map within which it is drawn at once */
const touchMs = 500

/** Decides when a map is drawn. */
export interface DrawPace {
  /** The first sensors are drawn: from now on the map rests longer between two drawings. */
  begin(): void
  /** ms until what has changed should be given to the map, to be part of its next drawing */
  msToNext(): number
  /** The next drawing waits for marks that are on their way. */
  awaitMarks(): void
  close(): void
}

/**
 * Paces a map. MapLibre draws whenever anything has changed: for each source that has come back from its worker, and once more
 * for the names placed anew.
 */
export function paceDrawing(map: MapLibreMap): DrawPace {
  const draw = map.triggerRepaint.bind(map)
  const container = map.getCanvasContainer()
  let rest = firstRestMs
  let drawnAt = Number.NEGATIVE_INFINITY
  let heldUntil = Number.NEGATIVE_INFINITY
  let touchedAt = Number.NEGATIVE_INFINITY
  let waiting: ReturnType<typeof setTimeout> | undefined
  const drawNow = () => {
    clearTimeout(waiting)
    waiting = undefined
    draw()
  }
  map.triggerRepaint = () => {
    const now = performance.now()
    if (map.isMoving() || now - touchedAt < touchMs) drawNow()
    else waiting ??= setTimeout(drawNow, Math.max(0, drawnAt + rest - now, heldUntil - now))
  }
  map.on('render', () => {
    drawnAt = performance.now()
  })
  map.on('move', drawNow)
  const touch = (event: Event) => {
    // a mouse that only passes over the map moves nothing
    if (!(event.type === 'mousemove' && 'buttons' in event && event.buttons === 0)) touchedAt = performance.now()
  }
  for (const type of ['mousedown', 'mousemove', 'touchstart', 'touchmove', 'wheel'])
    container.addEventListener(type, touch, { capture: true, passive: true })
  return {
    begin() {
      rest = restMs
    },
    msToNext: () => Math.max(0, drawnAt + rest - leadMs - performance.now()),
    awaitMarks() {
      heldUntil = performance.now() + leadMs
    },
    close: () => clearTimeout(waiting),
  }
}
