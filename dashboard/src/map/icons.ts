import type { Kind } from '#telemetry/kinds.ts'
import type { Severity } from '#telemetry/severity.ts'
import type { AqiBand } from '#telemetry/vn-aqi.ts'
import { shownKinds } from '../kinds/kinds.ts'
import type { Glyph } from '../kinds/shown-kind.ts'
import type { Palette } from './palette.ts'

const ratio = 2

/** How a sensor looks when nothing is wrong with its values. */
export type Look = 'fresh' | 'stale' | 'offline'

/** Draws a kind's shape; hollow when stale, crossed when offline. */
export function drawSensor(kind: Kind, look: Look, palette: Palette): ImageData {
  return draw(20, (pen) => {
    const { path, radius, onMap } = shownKinds[kind].shape
    const size = onMap + (look === 'fresh' ? 0 : 1)
    const outline = new Path2D()
    outline.addPath(new Path2D(path), new DOMMatrix().scale(size / radius))
    pen.lineWidth = 1.4
    pen.fillStyle = look === 'fresh' ? palette.sensor : palette.halo
    pen.strokeStyle = look === 'fresh' ? palette.halo : palette.sensor
    if (look === 'fresh') pen.lineWidth = 0.8
    pen.fill(outline)
    pen.stroke(outline)
    if (look !== 'offline') return
    pen.beginPath()
    pen.moveTo(-size - 2.5, size + 2.5)
    pen.lineTo(size + 2.5, -size - 2.5)
    pen.moveTo(-size - 2.5, -size - 2.5)
    pen.lineTo(size + 2.5, size + 2.5)
    pen.stroke()
  })
}

/** Draws the mark of a severity: a diamond, a triangle, a square. What is wrong may stand inside the two last. */
export function drawMark(severity: Severity, palette: Palette, glyph?: Glyph): ImageData {
  return draw(28, (pen) => {
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
export function drawShelvedMark(severity: Severity, palette: Palette): ImageData {
  return draw(28, (pen) => {
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

const colourOf = (severity: Severity, { critical, warning, notice }: Palette) =>
  ({ 1: critical, 2: warning, 3: notice })[severity]

/** The outline of a severity's shape, smaller by so many px. */
function shapeOf(pen: Pen, severity: Severity, by: number): void {
  pen.beginPath()
  if (severity === 1) polygon(pen, 4, 10.5 - by, 0, 0)
  else if (severity === 2) polygon(pen, 3, 11 - by, -Math.PI / 2, 2)
  else polygon(pen, 4, 11 - by, Math.PI / 4, 1)
}

/** Draws an air-quality station in the official colour of its band; the number is written over it. */
export function drawStation(rgb: AqiBand['rgb'], palette: Palette): ImageData {
  return draw(40, (pen) => {
    pen.beginPath()
    polygon(pen, 6, 17, 0, 0)
    pen.fillStyle = `rgb(${rgb.join()})`
    pen.strokeStyle = palette.edge
    pen.lineWidth = 1.6
    pen.lineJoin = 'round'
    pen.fill()
    pen.stroke()
  })
}

/** The pixel ratio the icons are drawn at. */
export const iconPixelRatio = ratio

type Pen = OffscreenCanvasRenderingContext2D

function polygon(pen: Pen, corners: number, size: number, turn: number, dy: number): void {
  for (let corner = 0; corner < corners; corner++) {
    const angle = turn + (corner * 2 * Math.PI) / corners
    pen.lineTo(size * Math.cos(angle), size * Math.sin(angle) + dy)
  }
  pen.closePath()
}

/** Draws with the origin in the middle of a square of `size` px. */
function draw(size: number, paint: (pen: Pen) => void): ImageData {
  const canvas = new OffscreenCanvas(size * ratio, size * ratio)
  const pen = canvas.getContext('2d')
  if (!pen) throw new Error('the browser gives no 2d canvas')
  pen.scale(ratio, ratio)
  pen.translate(size / 2, size / 2)
  paint(pen)
  return pen.getImageData(0, 0, canvas.width, canvas.height)
}
