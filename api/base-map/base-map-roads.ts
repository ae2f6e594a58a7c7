import { open } from 'node:fs/promises'
import type { Logger } from 'pino'
import { PMTiles } from 'pmtiles'
import { z } from 'zod'
import type { Kind } from '#telemetry/kinds.ts'
import type { RoadsResponse } from '#telemetry/roads-rest.ts'
import type { ApiMetrics } from '../metrics.ts'
import type { SensorRegistry } from '../sensors/sensor-registry.ts'
import { ArchiveFile } from './archive-file.ts'
import { LineGrid } from './line-grid.ts'
import { type CountedRoad, type RoadCounter, roadsOfCounters } from './roads-of-counters.ts'
import { readTileRoads, type TileRoad } from './tile-roads.ts'
import { tilesAround } from './tiles-around.ts'

/** the zoom from which tiles hold every street; of an archive that ends before, its last one */
const streetZoom = 14
/** the least last zoom of an archive that has streets: tiles of a lower one are as large as a province, and hold its main roads roughly */
const leastZoom = 11
/** tiles that are read for one answer, about 2.4 km a side: counters beyond them have no road */
export const maxRoadTiles = 400
/** an answer is made anew at the earliest after this many times as long as the last one took */
const restShare = 20

interface Parts {
  /** path of the PMTiles archive */
  baseMap: string
  /** the sketch or the installation's own roads: what the road is called that a sensor says it watches */
  map: unknown
  sensors: SensorRegistry
  metrics: ApiMetrics
  log: Logger
  clock: () => number
}

interface Held {
  /** of which file and which sensors it was made */
  of: string
  /** epoch ms before which it is given again, whatever has changed */
  until: number
  answer: Promise<RoadsResponse>
}

const namedRoads = z.object({
  features: z.array(
    z.object({ properties: z.object({ kind: z.string(), id: z.string(), name: z.string(), name_en: z.string() }) }),
  ),
})

/** The roads of the base map on which sensors stand. Made once, and again when sensors have come or moved or the file is another. */
export class BaseMapRoads {
  readonly #parts: Parts
  readonly #names: ReadonlyMap<string, readonly string[]>
  readonly #held = new Map<Kind, Held>()

  constructor(parts: Parts) {
    this.#parts = parts
    const features = namedRoads.safeParse(parts.map).data?.features ?? []
    this.#names = new Map(
      features.map(({ properties: { id, name, name_en } }) => [id, [...new Set([name, name_en])]] as const),
    )
    parts.metrics.roadTilesLimit.set(maxRoadTiles)
  }

  /** Of the sensors of one kind. Rejects when the file cannot be read. */
  async of(kind: Kind): Promise<RoadsResponse> {
    const counters = this.#countersOf(kind)
    const file = await open(this.#parts.baseMap)
    const close = () => file.close()
    try {
      const { size, mtimeMs } = await file.stat()
      const of = JSON.stringify([size, mtimeMs, counters])
      const held = this.#held.get(kind)
      const now = this.#parts.clock()
      if (held && (held.of === of || now < held.until)) {
        await close()
        return held.answer
      }
      const answer = this.#make(new PMTiles(new ArchiveFile(file)), counters).finally(close)
      const made: Held = { of, until: Number.POSITIVE_INFINITY, answer }
      this.#held.set(kind, made)
      const settle = () => {
        const ended = this.#parts.clock()
        made.until = ended + restShare * (ended - now)
      }
      answer.then(settle, () => this.#held.delete(kind))
      return answer
    } catch (error) {
      await close()
      throw error
    }
  }

  #countersOf(kind: Kind): RoadCounter[] {
    return this.#parts.sensors.list({ kinds: [kind] }).flatMap(({ id, meta }) => {
      if (!meta) return []
      return [{ id, position: meta.position, roadNames: this.#names.get(meta.road ?? '') ?? [] }]
    })
  }

  async #make(archive: PMTiles, counters: readonly RoadCounter[]): Promise<RoadsResponse> {
    const { log, metrics } = this.#parts
    const { maxZoom } = await archive.getHeader()
    if (maxZoom < leastZoom) {
      log.warn({ maxZoom, leastZoom }, 'the base map ends at too low a zoom to find roads in it')
      return { type: 'FeatureCollection', features: [] }
    }
    const positions = counters.map(({ position }) => position)
    const { tiles, leftOut } = tilesAround(positions, Math.min(maxZoom, streetZoom), maxRoadTiles)
    metrics.roadTiles.set(tiles.length)
    if (leftOut > 0)
      log.warn({ leftOut, maxRoadTiles }, 'more tiles of the base map have sensors than are read for roads')
    const grid = new LineGrid<TileRoad>()
    let unreadable = 0
    for (const tile of tiles) {
      try {
        const found = await archive.getZxy(tile.z, tile.x, tile.y)
        if (found) grid.add(readTileRoads(found.data, tile))
      } catch (error) {
        unreadable += 1
        log.debug({ error, tile }, 'a tile of the base map cannot be read')
      }
    }
    if (unreadable > 0) log.warn({ unreadable, tiles: tiles.length }, 'tiles of the base map cannot be read')
    return { type: 'FeatureCollection', features: (await roadsOfCounters(grid, counters)).map(featureOf) }
  }
}

function featureOf({ id, name, sensors, line }: CountedRoad): RoadsResponse['features'][number] {
  const coordinates = line.map(([lon, lat]): [number, number] => [rounded(lon), rounded(lat)])
  return {
    type: 'Feature',
    properties: { id, ...(name !== undefined && { name }), sensors },
    geometry: { type: 'LineString', coordinates },
  }
}

/** Degrees to some 10 cm, finer than tiles are. */
const rounded = (degrees: number) => Math.round(degrees * 1e6) / 1e6
