/**
 * Runs inside the page before anything else (as text: it is not compiled). Counts frames, and watches one pixel of the map:
 * MapLibre draws in an animation frame, and only until that frame ends can its drawing be read. Leaves `nhipProbe` with `frames`
 * (ms between two frames), `drawings` (how often the map drew) and `untilColoured(coloured, x, y)`, which resolves with the time (epoch ms) at which the pixel (px from
 * the map's top left) was drawn in colour, or in grey.
 */
export const pageProbe = `
(() => {
  const frames = []
  const probe = { frames, drawings: 0, watch: undefined }
  let drawn = false
  const draw = WebGL2RenderingContext.prototype.drawElements
  WebGL2RenderingContext.prototype.drawElements = function (...all) { drawn = true; return draw.apply(this, all) }
  globalThis.nhipProbe = probe
  const request = requestAnimationFrame.bind(globalThis)
  const pixel = new Uint8Array(4)
  const look = () => {
    if (drawn) probe.drawings += 1
    drawn = false
    const watch = probe.watch
    if (!watch) return
    const canvas = document.querySelector('[data-testid=map] .maplibregl-canvas')
    const gl = canvas && canvas.getContext('webgl2')
    if (!gl) return
    const ratio = canvas.width / canvas.clientWidth
    gl.readPixels(watch.x * ratio, canvas.height - watch.y * ratio, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel)
    // nothing was drawn in this frame
    if (pixel[3] === 0) return
    const coloured = Math.max(pixel[0], pixel[1], pixel[2]) - Math.min(pixel[0], pixel[1], pixel[2]) > 60
    if (coloured !== watch.coloured) return
    probe.watch = undefined
    watch.seen(Date.now())
  }
  globalThis.requestAnimationFrame = (callback) => request((time) => { callback(time); look() })
  probe.untilColoured = (coloured, x, y) => new Promise((seen) => { probe.watch = { coloured, x, y, seen } })
  let last
  const count = (time) => {
    if (last !== undefined) frames.push(time - last)
    last = time
    request(count)
  }
  request(count)
})()
`
