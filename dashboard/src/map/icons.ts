import type { Kind } from '#telemetry/kinds.ts'
import type { Severity } from '#telemetry/severity.ts'
import { aqiBand } from '#telemetry/vn-aqi.ts'
import { shownKinds } from '../kinds/kinds.ts'
import type { Glyph } from '../kinds/shown-kind.ts'
import { manualShape } from '../lamps/manual-shape.ts'
import { fontFamily } from '../ui/fonts.ts'
import type { Palette } from './palette.ts'

/** In what colours an icon is drawn, and how many of its own px there are to one of the map's. */
export interface Drawing {
  palette: Palette
  ratio: number
}

/** px of the smallest side of a mark, which is that of the square */
export const markSide = 11 * Math.SQRT2

/** State of a sensor whose values are normal, as its marker shows it. */
export type MarkerState = 'fresh' | 'stale' | 'offline'

/** Draws the marker of a sensor on the map: its kind's shape; hollow when stale, crossed when offline. */
export function drawSensor(kind: Kind, state: MarkerState, { palette, ratio }: Drawing): ImageData {
  return draw(20, ratio, (pen) => {
    const { path, radius, onMap } = shownKinds[kind].shape
    const size = onMap + (state === 'fresh' ? 0 : 1)
    const outline = new Path2D()
    outline.addPath(new Path2D(path), new DOMMatrix().scale(size / radius))
    pen.lineWidth = 1.4
    pen.fillStyle = state === 'fresh' ? palette.sensor : palette.halo
    pen.strokeStyle = state === 'fresh' ? palette.halo : palette.sensor
    if (state === 'fresh') pen.lineWidth = 0.8
    pen.fill(outline)
    pen.stroke(outline)
    if (state !== 'offline') return
    pen.beginPath()
    pen.moveTo(-size - 2.5, size + 2.5)
    pen.lineTo(size + 2.5, -size - 2.5)
    pen.moveTo(-size - 2.5, -size - 2.5)
    pen.lineTo(size + 2.5, size + 2.5)
    pen.stroke()
  })
}

/** Draws the mark of a severity: a diamond, a triangle, a square. What is wrong may stand inside the two last. */
export function drawMark(severity: Severity, { palette, ratio }: Drawing, glyph?: Glyph): ImageData {
  return draw(28, ratio, (pen) => {
    shapeOf(pen, severity, 0)
    pen.fillStyle = colourOf(severity, palette)
    pen.strokeStyle = palette.edge
    pen.lineWidth = 1.6
    pen.lineJoin = 'round'
    pen.fill()
    pen.stroke()
    if (!glyph) return
    pen.fillStyle = palette.edge
    pen.fill(new Path2D(glyph.filled))
    pen.lineWidth = 1.5
    pen.stroke(new Path2D(glyph.drawn))
  })
}

/** Draws the mark of what is shelved: the shape of its severity, hollow, in its colour between two dark lines. */
export function drawShelvedMark(severity: Severity, { palette, ratio }: Drawing): ImageData {
  return draw(28, ratio, (pen) => {
    shapeOf(pen, severity, 1)
    pen.lineJoin = 'round'
    pen.fillStyle = palette.halo
    pen.fill()
    pen.strokeStyle = palette.edge
    pen.lineWidth = 5
    pen.stroke()
    pen.strokeStyle = colourOf(severity, palette)
    pen.lineWidth = 3
    pen.stroke()
  })
}

/** Draws the mark of a lamp that is overridden by hand: around what else is drawn of it, in the colour of text, for it is no severity. */
export function drawManual({ palette, ratio }: Drawing): ImageData {
  return draw(32, ratio, (pen) => {
    pen.scale(1.5, 1.5)
    pen.lineCap = 'round'
    for (const [colour, width] of [
      [palette.halo, 3.6],
      [palette.text, 1.6],
    ] as const) {
      pen.strokeStyle = colour
      pen.lineWidth = width
      pen.stroke(new Path2D(manualShape.ring))
      pen.stroke(new Path2D(manualShape.lever))
    }
  })
}

const colourOf = (severity: Severity, { critical, warning, notice }: Palette) =>
  ({ 1: critical, 2: warning, 3: notice })[severity]

/** The outline of a severity's shape, smaller by so many px. */
function shapeOf(pen: Pen, severity: Severity, by: number): void {
  pen.beginPath()
  if (severity === 1) polygon(pen, 4, 10.5 - by, 0, 0)
  else if (severity === 2) polygon(pen, 3, 11 - by, -Math.PI / 2, 2)
  else polygon(pen, 4, 11 - by, Math.PI / 4, 1)
}

/** Draws an air-quality station with its number on the official colour of its band; without one a dash on the colour of nothing. */
export function drawStation(index: number | undefined, { palette, ratio }: Drawing): ImageData {
  return draw(40, ratio, (pen) => {
    pen.beginPath()
    polygon(pen, 6, 17, 0, 0)
    pen.fillStyle = index === undefined ? palette.halo : `rgb(${aqiBand(index).rgb.join()})`
    pen.strokeStyle = palette.edge
    pen.lineWidth = 1.6
    pen.lineJoin = 'round'
    pen.fill()
    pen.stroke()
    pen.fillStyle = inkOn(index, palette)
    pen.font = `14px "${fontFamily}"`
    pen.textAlign = 'center'
    pen.textBaseline = 'middle'
    pen.fillText(index === undefined ? '–' : String(index), 0, 1)
  })
}

function inkOn(index: number | undefined, { text }: Palette): string {
  if (index === undefined) return text
  return index > 200 ? '#fff' : '#000'
}

type Pen = OffscreenCanvasRenderingContext2D

function polygon(pen: Pen, corners: number, size: number, turn: number, dy: number): void {
  for (let corner = 0; corner < corners; corner++) {
    const angle = turn + (corner * 2 * Math.PI) / corners
    pen.lineTo(size * Math.cos(angle), size * Math.sin(angle) + dy)
  }
  pen.closePath()
}

/** Draws with the origin in the middle of a square of `size` px. */
function draw(size: number, ratio: number, paint: (pen: Pen) => void): ImageData {
  const canvas = new OffscreenCanvas(Math.round(size * ratio), Math.round(size * ratio))
  // read at once, which a canvas in the graphics process would wait for
  const pen = canvas.getContext('2d', { willReadFrequently: true })
  if (!pen) throw new Error('the browser gives no 2d canvas')
  pen.scale(ratio, ratio)
  pen.translate(size / 2, size / 2)
  paint(pen)
  return pen.getImageData(0, 0, canvas.width, canvas.height)
}
