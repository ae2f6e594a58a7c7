import type { Page } from 'playwright-core'

/** When something was seen in a page, and when the page looked for it; epoch ms of this machine. */
export interface Sighting {
  at: number
  looks: number[]
}

/** ms between two looks of a page that gets its turn */
const lookMs = 50

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
      else setTimeout(look, ${lookMs})
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
    if (look > before) stolen += Math.max(0, look - before - 2 * lookMs)
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
