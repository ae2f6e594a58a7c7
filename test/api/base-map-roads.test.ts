import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Feature } from 'geojson'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BaseMapRoads } from '#api/base-map/base-map-roads.ts'
import { LineGrid } from '#api/base-map/line-grid.ts'
import { roadsOfCounters } from '#api/base-map/roads-of-counters.ts'
import type { TileRoad } from '#api/base-map/tile-roads.ts'
import { tilesAround } from '#api/base-map/tiles-around.ts'
import { apiMetrics } from '#api/metrics.ts'
import { SensorRegistry } from '#api/sensors/sensor-registry.ts'
import { distanceToLine, offset } from '#telemetry/geometry.ts'
import type { Position } from '#telemetry/position.ts'
import { smallMap, writeArchive } from '../support/pmtiles-file.ts'

const origin: Position = [106.1, 11.3]
const at = (east: number, north = 0): [number, number] => offset(origin, east, north)
const road = (name: string | undefined, line: readonly Position[]): TileRoad => ({
  ...{ name, line },
  ...{ ref: undefined, kind: 'major_road' },
})
const counter = (id: string, position: Position, ...roadNames: string[]) => ({ id, position, roadNames })
const roadsOn = async (roads: readonly TileRoad[], counters: Parameters<typeof roadsOfCounters>[1]) => {
  const grid = new LineGrid<TileRoad>()
  grid.add(roads)
  return roadsOfCounters(grid, counters)
}
const lengthOf = (line: readonly Position[]) => {
  const [first = origin, last = origin] = [line[0], line.at(-1)]
  return Math.abs(last[0] - first[0]) * 109_040
}

describe('the road of a counter', () => {
  it('is the nearest within 50 m, or the one that it names', async () => {
    const roads = [road('Near', [at(-500, 10), at(500, 10)]), road('Đường 30/4', [at(-500, 30), at(500, 30)])]
    expect((await roadsOn(roads, [counter('a', origin)])).map(({ name }) => name)).toEqual(['Near'])
    expect((await roadsOn(roads, [counter('a', origin, '30.4')])).map(({ name }) => name)).toEqual(['Đường 30/4'])
    expect(await roadsOn(roads, [counter('a', at(0, 90))])).toEqual([])
  })

  it('goes on over the edges of tiles, in its own name, as far as the counter speaks', async () => {
    const roads = [
      road('R', [at(0), at(300)]),
      road('R', [at(900), at(300)]),
      road('R', [at(900), at(3_000)]),
      road('Other', [at(0), at(-2_000)]),
      road('Side', [at(300), at(300, 900)]),
    ]
    const [found, ...others] = await roadsOn(roads, [counter('a', at(100, 5))])
    expect(others).toEqual([])
    expect(found?.sensors).toEqual(['a'])
    // from its beginning to 800 m beyond the counter
    expect(lengthOf(found?.line ?? [])).toBeCloseTo(900, -1)
  })

  it('is shared by counters along it', async () => {
    const roads = [road('R', [at(0), at(1_000)]), road('R', [at(1_000), at(2_000)]), road('R', [at(2_000), at(9_000)])]
    const [found, ...others] = await roadsOn(roads, [counter('b', at(1_500)), counter('a', at(200))])
    expect(others).toEqual([])
    expect(found).toMatchObject({ id: 'base-map-a', sensors: ['a', 'b'] })
    expect(lengthOf(found?.line ?? [])).toBeCloseTo(2_300, -1)
  })

  it('without a name goes straight on only', async () => {
    const roads = [road(undefined, [at(0), at(200)]), road(undefined, [at(200), at(200, 500)])]
    const [found] = await roadsOn(roads, [counter('a', at(100))])
    expect(lengthOf(found?.line ?? [])).toBeCloseTo(200, -1)
  })

  it('passes within reach of each of its counters, of which each is on one road at most, whatever the streets', async () => {
    const metres = fc.integer({ min: -1_500, max: 1_500 })
    const place = fc.tuple(metres, metres).map(([east, north]) => at(east, north))
    const street = fc
      .tuple(fc.constantFrom(undefined, 'A', 'B'), fc.array(place, { minLength: 2, maxLength: 5 }))
      .map(([name, line]) => road(name, line))
    await fc.assert(
      fc.asyncProperty(
        fc.array(street, { maxLength: 30 }),
        fc.array(place, { maxLength: 20 }),
        async (streets, places) => {
          const counters = places.map((position, index) => counter(`c${index}`, position))
          const found = await roadsOn(streets, counters)
          const sensors = found.flatMap((each) => each.sensors)
          expect(new Set(sensors).size).toBe(sensors.length)
          for (const { line, sensors } of found)
            for (const id of sensors) {
              const position = counters.find((each) => each.id === id)?.position ?? origin
              expect(distanceToLine(line, position)).toBeLessThan(51)
            }
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('the roads of a base map', () => {
  let folder: string
  const registry = new SensorRegistry({ metrics: apiMetrics(new Registry()) })
  const announce = (id: string, position: Position) =>
    registry.applyMeta(
      { district: 'tay-ninh', kind: 'traffic', sensor: id },
      { name: { vi: id, en: id }, position: [position[0], position[1]], period: 60 },
      Date.now(),
    )
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-roads-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('are read from its file, joined over the edges of its tiles, and again when a sensor has come', async () => {
    const baseMap = join(folder, 'map.pmtiles')
    const line = [
      [106.05, 11.31],
      [106.2, 11.31],
    ]
    const street: Feature = {
      type: 'Feature',
      properties: { kind: 'major_road', name: 'CMT8', 'name:vi': 'Cách Mạng Tháng Tám' },
      geometry: { type: 'LineString', coordinates: line },
    }
    const path: Feature = { ...street, properties: { kind: 'path', name: 'Path' } }
    await writeArchive(baseMap, { ...smallMap, roads: [street, path] })
    let now = 0
    const roads = new BaseMapRoads({
      ...{ baseMap, map: {}, sensors: registry, metrics: apiMetrics(new Registry()), clock: () => now },
      log: pino({ level: 'silent' }),
    })
    expect((await roads.of('traffic')).features).toEqual([])
    now += 60_000
    // on the edge of two tiles of zoom 12, the last of the archive
    announce('on-edge', [(360 * 3_255) / 4_096 - 180, 11.3101])
    announce('far', [106.12, 11.35])
    const { features } = await roads.of('traffic')
    expect(features.map(({ properties }) => properties)).toEqual([
      { id: 'base-map-on-edge', name: 'Cách Mạng Tháng Tám', sensors: ['on-edge'] },
    ])
    expect(lengthOf(features[0]?.geometry.coordinates ?? [])).toBeCloseTo(1_600, -2)
    expect(await roads.of('lighting')).toMatchObject({ features: [] })
    await rm(baseMap)
    await expect(roads.of('traffic')).rejects.toThrow('ENOENT')
  })

  it('are none in one that ends before there are streets', async () => {
    const baseMap = join(folder, 'country.pmtiles')
    const coordinates = [at(-20_000), at(20_000)]
    const geometry = { type: 'LineString' as const, coordinates }
    const highway: Feature = { type: 'Feature', properties: { kind: 'highway', name: 'QL22B' }, geometry }
    await writeArchive(baseMap, { ...smallMap, roads: [highway] }, { maxZoom: 6 })
    const roads = new BaseMapRoads({
      ...{ baseMap, map: {}, sensors: registry, metrics: apiMetrics(new Registry()), clock: () => 0 },
      log: pino({ level: 'silent' }),
    })
    announce('on-highway', origin)
    expect((await roads.of('traffic')).features).toEqual([])
  })

  it('are read from so many tiles at most', () => {
    const places = Array.from({ length: 30 }, (_, each) => at(5_000 * each))
    const { tiles, leftOut } = tilesAround(places, 14, 10)
    expect(tiles).toHaveLength(10)
    expect(leftOut).toBeGreaterThan(20)
  })
})
