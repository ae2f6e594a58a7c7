import { writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { GeoJSONVT, type GeoJSONVTFeature, type GeoJSONVTTile } from '@maplibre/geojson-vt'
import { fromGeojsonVt } from '@maplibre/vt-pbf'
import type { Feature, FeatureCollection, Position } from 'geojson'
import { zxyToTileId } from 'pmtiles'

/** What an archive holds: features by layer of Protomaps' schema. One with `min_zoom` is in tiles from that zoom on. */
export type TileLayers = Readonly<Record<string, readonly Feature[]>>

const usualMaxZoom = 12
/** west, south, east, north of all test archives, degrees: both districts */
const bounds = [105.9, 10.9, 106.7, 11.6] as const
/** bytes of a header, and of an archive's first part, which holds header and root directory */
const headerBytes = 127
const firstBytes = 16_384

interface Tile {
  id: number
  data: Buffer
}

function varints(...numbers: readonly number[]): number[] {
  return numbers.flatMap((number) => {
    const bytes: number[] = []
    let rest = number
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
    return [...bytes, rest]
  })
}

/** The number of the tile column and row that a place is in. */
function tileAt([lon = 0, lat = 0]: Position, zoom: number): [number, number] {
  const sine = Math.sin((lat * Math.PI) / 180)
  const scale = 2 ** zoom
  const y = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)
  return [Math.floor((lon / 360 + 0.5) * scale), Math.floor(y * scale)]
}

function tilesOf(layers: TileLayers, maxZoom: number): Tile[] {
  const [west, south, east, north] = bounds
  const cut = Object.entries(layers).map(([name, features]) => {
    const data: FeatureCollection = { type: 'FeatureCollection', features: [...features] }
    return [name, new GeoJSONVT(data, { maxZoom, indexMaxZoom: 0, extent: 4_096, buffer: 64 })] as const
  })
  const tiles: Tile[] = []
  for (let zoom = 0; zoom <= maxZoom; zoom++) {
    const [left, top] = tileAt([west, north], zoom)
    const [right, bottom] = tileAt([east, south], zoom)
    for (let x = left; x <= right; x++)
      for (let y = top; y <= bottom; y++) {
        const found: Record<string, GeoJSONVTTile> = {}
        for (const [name, index] of cut) {
          const tile = index.getTile(zoom, x, y)
          const features =
            tile?.features.filter((feature: GeoJSONVTFeature) => Number(feature.tags?.min_zoom ?? 0) <= zoom) ?? []
          if (tile && features.length > 0) found[name] = { ...tile, features }
        }
        if (Object.keys(found).length === 0) continue
        const data = gzipSync(fromGeojsonVt(found, { version: 2, extent: 4_096 }))
        tiles.push({ id: zxyToTileId(zoom, x, y), data })
      }
  }
  return tiles.toSorted((a, b) => a.id - b.id)
}

/** One directory of all tiles, in the order of their ids, which lie one behind the other. */
function directoryOf(tiles: readonly Tile[]): Buffer {
  const steps = tiles.map(({ id }, at) => id - (tiles[at - 1]?.id ?? 0))
  const lengths = tiles.map(({ data }) => data.length)
  const runs = tiles.map(() => 1)
  // 0: right behind the one before; the first is told by its place, plus one
  const offsets = tiles.map((_tile, at) => (at === 0 ? 1 : 0))
  const directory = gzipSync(Buffer.from(varints(tiles.length, ...steps, ...runs, ...lengths, ...offsets)))
  if (headerBytes + directory.length > firstBytes) throw new Error('too many tiles for one directory')
  return directory
}

/** An archive of PMTiles version 3 with these features as vector tiles, from zoom 0 to 12 or as far as told. */
export function archiveOf(layers: TileLayers, { tileType = 1, maxZoom = usualMaxZoom } = {}): Buffer {
  const tiles = tilesOf(layers, maxZoom)
  const directory = directoryOf(tiles)
  const described = { vector_layers: Object.keys(layers).map((id) => ({ id, fields: {} })), version: '4.0.0' }
  const metadata = gzipSync(JSON.stringify(described))
  const data = Buffer.concat(tiles.map((tile) => tile.data))
  const header = Buffer.alloc(headerBytes)
  header.write('PMTiles\u0003', 'latin1')
  const metadataAt = headerBytes + directory.length
  const dataAt = metadataAt + metadata.length
  // places and lengths: root directory, metadata, leaf directories, tiles; then tiles addressed, entries, contents
  const numbers = [
    ...[headerBytes, directory.length, metadataAt, metadata.length],
    ...[dataAt, 0, dataAt, data.length, tiles.length, tiles.length, tiles.length],
  ]
  for (const [at, number] of numbers.entries()) header.writeBigUInt64LE(BigInt(number), 8 + 8 * at)
  // clustered, gzip within and of tiles, type of tiles, zooms
  for (const [at, number] of [1, 2, 2, tileType, 0, maxZoom].entries()) header.writeUInt8(number, 96 + at)
  for (const [at, degrees] of bounds.entries()) header.writeInt32LE(Math.round(degrees * 1e7), 102 + 4 * at)
  return Buffer.concat([header, directory, metadata, data])
}

/** A closed square around a place, of so many degrees. */
export function squareAt([lon = 0, lat = 0]: Position, size: number, properties: object): Feature {
  const half = size / 2
  const corners = [
    [-half, -half],
    [half, -half],
    [half, half],
    [-half, half],
    [-half, -half],
  ]
  const ring = corners.map(([x = 0, y = 0]) => [lon + x, lat + y])
  return { type: 'Feature', properties: { ...properties }, geometry: { type: 'Polygon', coordinates: [ring] } }
}

/** What a base map has at least: land, water and roads. */
export const smallMap: TileLayers = {
  earth: [squareAt([106.3, 11.25], 1, { kind: 'earth' })],
  water: [squareAt([106.1, 11.3], 0.02, { kind: 'lake' })],
  roads: [
    {
      type: 'Feature',
      properties: { kind: 'major_road', name: 'Cách Mạng Tháng Tám' },
      geometry: {
        type: 'LineString',
        coordinates: [
          [106.05, 11.31],
          [106.2, 11.31],
        ],
      },
    },
  ],
}

/** Writes an archive to a file, and gives its bytes. */
export async function writeArchive(
  path: string,
  layers: TileLayers = smallMap,
  options: { maxZoom?: number } = {},
): Promise<Buffer> {
  const bytes = archiveOf(layers, options)
  await writeFile(path, bytes)
  return bytes
}
