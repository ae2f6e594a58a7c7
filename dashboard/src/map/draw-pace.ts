import type { Map as MapLibreMap } from 'maplibre-gl'
import { drawWhole } from './first-drawing.ts'

/**
 * Between two drawings passes this multiple of the time that one holds up the page's other frames, which without a graphics card
 * is 40 to 80 ms; within bounds, ms.
 */
const restShare = 3.5
const minRestMs = 100
const maxRestMs = 300
/** the rest until the first sensors are drawn, ms: MapLibre asks for its tiles in each frame, and most are not drawn */
const firstRestMs = 30
/** frames after a drawing of which one may be held up by it */
const watchedFrames = 3
/** ms that a drawing waits for marks on their way through MapLibre's worker, lest they need a drawing of their own */
const leadMs = 50
/** ms after a touch of the map within which it is drawn at once */
const touchMs = 500

/** Decides when a map is drawn. */
export interface DrawPace {
  /** The first sensors are drawn: from now on the rest follows what a drawing costs. */
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
  const drawAlways = drawWhole(map)
  let began = false
  let costMs = 0
  let drawnAt = Number.NEGATIVE_INFINITY
  let heldUntil = Number.NEGATIVE_INFINITY
  let touchedAt = Number.NEGATIVE_INFINITY
  let waiting: ReturnType<typeof setTimeout> | undefined
  const restMs = () => (began ? Math.min(maxRestMs, Math.max(minRestMs, restShare * costMs)) : firstRestMs)
  const msToDrawing = () => Math.max(drawnAt + restMs(), heldUntil) - performance.now()
  const drawNow = () => {
    clearTimeout(waiting)
    waiting = undefined
    draw()
  }
  const wake = () => {
    const ms = msToDrawing()
    if (ms <= 0) drawNow()
    else waiting = setTimeout(wake, ms)
  }
  map.triggerRepaint = () => {
    if (map.isMoving() || performance.now() - touchedAt < touchMs) drawNow()
    else if (waiting === undefined) wake()
  }
  map.on('render', () => {
    drawnAt = performance.now()
    if (!began) return
    watchFrames((longestMs) => {
      costMs = (costMs + longestMs) / 2
    })
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
      began = true
      drawAlways()
    },
    msToNext: () => Math.max(0, drawnAt + restMs() - leadMs - performance.now()),
    awaitMarks() {
      // marks that change all the time must not put off a drawing for ever
      if (waiting === undefined) heldUntil = performance.now() + leadMs
    },
    close: () => clearTimeout(waiting),
  }
}

/** Reports the longest time between two of the next frames, ms. */
function watchFrames(report: (longestMs: number) => void): void {
  let left = watchedFrames
  let longest = 0
  let last = performance.now()
  const check = (at: number) => {
    longest = Math.max(longest, at - last)
    last = at
    if (left-- > 0) requestAnimationFrame(check)
    else report(longest)
  }
  requestAnimationFrame(check)
}
