import type { Page } from 'playwright-core'

/** When something was seen in a page, and when the page looked for it; epoch ms of this machine. */
export interface Sighting {
  at: number
  looks: number[]
}

/** ms between two looks of a page that gets its turn */
const pollMs = 50

/**
 * Looks in the page itself, every 50 ms, until a condition (an expression of the page's script) holds: how slow the test
 * runner is does not matter. Rejects after `timeoutMs`.
 */
export function watchPage(page: Page, condition: string, timeoutMs = 30_000): Promise<Sighting> {
  return page.evaluate<Sighting>(`new Promise((resolve, reject) => {
    const looks = []
    const look = () => {
      const seen = ${condition}
      const at = Date.now()
      looks.push(at)
      if (seen) resolve({ at, looks })
      else if (at - looks[0] > ${timeoutMs}) reject(new Error('not seen in the page'))
      else setTimeout(look, ${pollMs})
    }
    look()
  })`)
}

/**
 * By how much a sighting was later than due (epoch ms). Time in which the page got no turn, because others had the processors,
 * is not counted: it could have shown nothing then.
 */
export function lateMs({ at, looks }: Sighting, due: number): number {
  let stolen = 0
  for (const [place, look] of looks.entries()) {
    const before = Math.max(due, looks[place - 1] ?? look)
    if (look > before) stolen += Math.max(0, look - before - 2 * pollMs)
  }
  return at - due - stolen
}

/** To be run before the page is opened: lets {@link redInMiddle} read what was drawn when it was drawn is over. */
export const keepDrawing = `{
  const get = HTMLCanvasElement.prototype.getContext
  HTMLCanvasElement.prototype.getContext = function (type, wishes) {
    return get.call(this, type, type === 'webgl2' ? { ...wishes, preserveDrawingBuffer: true } : wishes)
  }
}`

/** Red (0–255) of the pixel in the middle of the map, as an expression of the page's script. */
export const redInMiddle = `(() => {
  const map = document.querySelector('[data-testid=map] .maplibregl-canvas')
  const pen = (globalThis.onePixel ??= new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true }))
  pen.drawImage(map, map.width / 2, map.height / 2, 1, 1, 0, 0, 1, 1)
  return pen.getImageData(0, 0, 1, 1).data[0]
})()`

/** What was seen at a place of the map: its least opacity (0–255), and how often its colour has changed. */
export interface Seen {
  least: number
  changes: number
}

/**
 * Looks in each frame at places of the sensors' canvas, given in px from its middle, until the first of them has changed its
 * colour so often. Needs {@link keepDrawing}.
 */
export function watchPlaces(page: Page, places: readonly (readonly [number, number])[], changes: number) {
  return page.evaluate<Seen[]>(`new Promise((resolve) => {
    const map = document.querySelector('[data-testid=map] .maplibregl-canvas')
    const pen = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
    const seen = ${JSON.stringify(places)}.map(([x, y]) => ({ x, y, colour: '', least: 255, changes: -1 }))
    const look = () => {
      for (const place of seen) {
        pen.clearRect(0, 0, 1, 1)
        pen.drawImage(map, map.width / 2 + place.x, map.height / 2 + place.y, 1, 1, 0, 0, 1, 1)
        const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data
        const colour = [red, green, blue].join()
        if (colour !== place.colour) place.changes += 1
        place.colour = colour
        place.least = Math.min(place.least, alpha)
      }
      if (seen[0].changes >= ${changes}) resolve(seen.map(({ least, changes }) => ({ least, changes })))
      else requestAnimationFrame(look)
    }
    look()
  })`)
}
