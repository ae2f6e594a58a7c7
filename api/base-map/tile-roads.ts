import { VectorTile } from '@mapbox/vector-tile'
import { PbfReader } from 'pbf'
import { z } from 'zod'
import type { Position } from '#telemetry/position.ts'

/** A tile of the web's Mercator projection: zoom, column, row. */
export interface TileAddress {
  z: number
  x: number
  y: number
}

/** A stretch of a road within one tile of the base map. */
export interface TileRoad {
  /** what it is called: its name in Vietnamese, else its name, else its number; absent: a road without a name */
  name: string | undefined
  /** number of a national or provincial road */
  ref: string | undefined
  kind: RoadKind
  line: readonly Position[]
}

/** Kinds of Protomaps' layer `roads` on which vehicles are counted. */
const roadKinds = ['highway', 'major_road', 'medium_road', 'minor_road'] as const
type RoadKind = (typeof roadKinds)[number]

const text = z.string().min(1).optional().catch(undefined)
const propertiesSchema = z.object({ kind: z.enum(roadKinds), name: text, 'name:vi': text, ref: text })

/** Column and row of the tile that a position is in, with their fractions. */
export function tilePlace([lon, lat]: Position, zoom: number): { x: number; y: number } {
  const sine = Math.sin((lat * Math.PI) / 180)
  const scale = 2 ** zoom
  return {
    x: (lon / 360 + 0.5) * scale,
    y: (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * scale,
  }
}

function positionAt(x: number, y: number, zoom: number): Position {
  const scale = 2 ** zoom
  return [(x / scale) * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / scale))) * 180) / Math.PI]
}

/** The roads of a vector tile (MVT), cut at its edges: beyond them lies what its neighbours hold too. */
export function readTileRoads(bytes: ArrayBuffer, { z: zoom, x, y }: TileAddress): TileRoad[] {
  const layer = new VectorTile(new PbfReader(new Uint8Array(bytes))).layers.roads
  if (!layer) return []
  const roads: TileRoad[] = []
  for (let at = 0; at < layer.length; at++) {
    const feature = layer.feature(at)
    const properties = propertiesSchema.safeParse(feature.properties).data
    if (!properties || feature.type !== lineString) continue
    const { kind, ref } = properties
    const name = properties['name:vi'] ?? properties.name ?? ref
    for (const part of feature.loadGeometry())
      for (const cut of cutAtEdges(part, feature.extent)) {
        const line = cut.map((point) => positionAt(x + point.x / feature.extent, y + point.y / feature.extent, zoom))
        roads.push({ name, ref, kind, line })
      }
  }
  return roads
}

/** the number of a line among MVT's types of geometry */
const lineString = 2

interface TilePoint {
  x: number
  y: number
}

/** The parts of a line that lie in the square from 0 to `extent`. */
function cutAtEdges(line: readonly TilePoint[], extent: number): TilePoint[][] {
  const parts: TilePoint[][] = []
  let part: TilePoint[] = []
  const end = () => {
    if (part.length > 1) parts.push(part)
    part = []
  }
  for (const [at, to] of line.slice(1).entries()) {
    const inside = segmentInside(line[at] ?? to, to, extent)
    if (!inside) {
      end()
      continue
    }
    if (part.length === 0) part.push(inside.from)
    part.push(inside.to)
    if (inside.to.x !== to.x || inside.to.y !== to.y) end()
  }
  end()
  return parts
}

/** The part of a straight piece that lies in the square (Liang and Barsky); undefined when none does. */
function segmentInside(from: TilePoint, to: TilePoint, extent: number) {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  let [first, last] = [0, 1]
  for (const [step, room] of [
    [-dx, from.x],
    [dx, extent - from.x],
    [-dy, from.y],
    [dy, extent - from.y],
  ] as const) {
    if (step === 0) {
      if (room < 0) return undefined
      continue
    }
    const share = room / step
    if (step < 0) first = Math.max(first, share)
    else last = Math.min(last, share)
  }
  if (first >= last) return undefined
  const at = (share: number): TilePoint => ({ x: from.x + share * dx, y: from.y + share * dy })
  return { from: first === 0 ? from : at(first), to: last === 1 ? to : at(last) }
}
