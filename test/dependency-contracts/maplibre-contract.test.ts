import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startBrowser, type TestBrowser } from '../e2e/browser.ts'

const dist = dirname(fileURLToPath(import.meta.resolve('maplibre-gl')))

/** A page with a map of one point with a name; `window.map` is there once it is idle. */
const page = `<!doctype html><body style="margin:0"><div id="ground" style="width:300px;height:200px"></div><script type="module">
import { Map as MapLibreMap, setWorkerUrl } from '/maplibre-gl.mjs'
setWorkerUrl('/maplibre-gl-worker.mjs')
const data = { type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: [106, 11] } }
const map = new MapLibreMap({
  container: 'ground', center: [106, 11], zoom: 8, attributionControl: false, fadeDuration: 0, maxPitch: 0,
  style: { version: 8, sources: { p: { type: 'geojson', data } }, layers: [
    { id: 'ground', type: 'background', paint: { 'background-color': '#fff' } },
    { id: 'dot', type: 'circle', source: 'p' },
    { id: 'name', type: 'symbol', source: 'p', layout: { 'text-field': 'a name', 'text-font': ['sans-serif'] } },
  ] },
})
map.once('idle', () => { window.map = map })
</script>`

const files: Record<string, string> = {
  '/maplibre-gl.mjs': 'maplibre-gl.mjs',
  '/maplibre-gl-shared.mjs': 'maplibre-gl-shared.mjs',
  '/maplibre-gl-worker.mjs': 'maplibre-gl-worker.mjs',
}

/** What dashboard/src/map uses of MapLibre beyond its documented interface: a newer version must pass these before it is taken. */
describe('MapLibre, as the map uses it,', () => {
  let server: Server
  let browser: TestBrowser
  let tab: Page
  let url: string

  beforeAll(async () => {
    server = createServer(async ({ url = '/' }, response) => {
      const file = files[url]
      const type = file ? 'text/javascript' : 'text/html'
      response.writeHead(200, { 'content-type': type }).end(file ? await readFile(join(dist, file)) : page)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (typeof address !== 'object' || !address) throw new Error('no address')
    url = `http://127.0.0.1:${address.port}/`
    browser = await startBrowser()
    tab = await browser.open({ width: 320, height: 240 })
  })
  afterAll(async () => {
    await browser.close()
    server.closeAllConnections()
    server.close()
  })
  beforeEach(async () => {
    await tab.goto(url)
    await tab.waitForFunction('window.map')
  })

  it('draws a sky by painter.drawFunctions.sky, which can be replaced (no-sky.ts): else each drawing costs twice as much', async () => {
    const calls = await tab.evaluate(`(async () => {
      const { painter } = map
      const kind = typeof painter.drawFunctions.sky
      let calls = 0
      painter.drawFunctions = { ...painter.drawFunctions, sky: () => { calls += 1 } }
      map.redraw()
      return { kind, drawn: calls > 0 }
    })()`)
    expect(calls).toEqual({ kind: 'function', drawn: true })
  })

  it('draws by painter.render, which can be replaced (first-drawing.ts): else a new map is drawn once for each source', async () => {
    const calls = await tab.evaluate(`(async () => {
      const { painter } = map
      const render = painter.render
      let calls = 0
      painter.render = (...frame) => { calls += 1; return render.apply(painter, frame) }
      map.redraw()
      return { kind: typeof render, drawn: calls > 0 }
    })()`)
    expect(calls).toEqual({ kind: 'function', drawn: true })
  })

  it('tells by style.placement.stale whether its names are placed (first-drawing.ts): else a new map is never held to be whole', async () => {
    expect(await tab.evaluate('({ stale: map.style.placement.stale, loaded: map.loaded() })')).toEqual({
      ...{ stale: false, loaded: true },
    })
  })

  it('asks itself for a drawing by triggerRepaint, which can be replaced (draw-pace.ts): else it draws for each change', async () => {
    const asked = await tab.evaluate(`(async () => {
      const draw = map.triggerRepaint.bind(map)
      let asked = 0
      map.triggerRepaint = () => { asked += 1 }
      let rendered = 0
      map.on('render', () => { rendered += 1 })
      map.setPaintProperty('dot', 'circle-color', '#f00')
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      const held = rendered
      const drawn = map.once('render')
      draw()
      await drawn
      return { isAsked: asked > 0, held, isDrawn: rendered > 0 }
    })()`)
    expect(asked).toEqual({ isAsked: true, held: 0, isDrawn: true })
  })
})
