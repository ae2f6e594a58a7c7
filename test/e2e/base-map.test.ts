import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Feature, LineString, Position } from 'geojson'
import mqtt from 'mqtt'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadCity } from '#city/city.ts'
import { cityMap } from '#start/map.ts'
import { palettes } from '../../dashboard/src/map/palette.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { squareAt, type TileLayers, writeArchive } from '../support/pmtiles-file.ts'
import { findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'

const soon = { timeout: 30_000, interval: 300 }
/** degrees by which the streets of the test's archive lie north of the sketch's roads */
const north = 0.02
const { light, dark } = palettes
/** far from roads and sensors: a lake of the archive */
const lake: Position = [106.24, 11.42]
/** a place that the archive names, where nothing else is */
const village: Position = [106.28, 11.48]

/** An archive with the sketch's roads and waterways, moved to the north, and what a sketch has not: a lake, buildings, a named place. */
async function streetsOfSketch(): Promise<{ layers: TileLayers; road: readonly Position[] }> {
  const features = cityMap(await loadCity()).features
  const moved = (of: 'road' | 'waterway', kind: string) =>
    features
      .filter((each): each is Feature<LineString> => each.properties?.kind === of)
      .map(({ properties, geometry }) => ({
        type: 'Feature' as const,
        properties: { kind, name: `x ${properties?.name}`, 'name:vi': String(properties?.name) },
        geometry: { ...geometry, coordinates: geometry.coordinates.map(([lon = 0, lat = 0]) => [lon, lat + north]) },
      }))
  const roads = moved('road', 'highway')
  const road = roads[0]?.geometry.coordinates ?? []
  const place = { kind: 'locality', name: 'Long Hoa', population_rank: 6 }
  const near = road[1] ?? lake
  return {
    road,
    layers: {
      earth: [squareAt([106.3, 11.25], 1, { kind: 'earth' })],
      water: [squareAt(lake, 0.02, { kind: 'lake' }), ...moved('waterway', 'river')],
      landuse: [squareAt([106.28, 11.42], 0.02, { kind: 'park' })],
      buildings: [squareAt([(near[0] ?? 0) + 0.002, (near[1] ?? 0) + 0.002], 0.002, { kind: 'building' })],
      places: [{ type: 'Feature', properties: place, geometry: { type: 'Point', coordinates: village } }],
      roads,
    },
  }
}

describe.skipIf(!findChromium() && !process.env.CI)('the base map', () => {
  let folder: string
  let file: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let page: Page
  let road: readonly Position[]

  const open = async ([lon = 0, lat = 0]: Position, zoom: number, query = '') => {
    page = await browser.open()
    await page.goto(`${platform.url}/?token=${platform.adminToken}${query}#map=${zoom}/${lat}/${lon}`)
    await untilReady(page)
  }
  /** What is drawn in the middle of the map, px. */
  const middleOf = async (width: number, height: number) => {
    const box = await page.getByTestId('map').boundingBox()
    if (!box) throw new Error('the page has no map')
    const [x, y] = [box.x + (box.width - width) / 2, box.y + (box.height - height) / 2]
    return sharp(await page.screenshot({ clip: { x, y, width, height } })).removeAlpha()
  }
  /** The colour of a few pixels in the middle of the map. */
  const middle = async () => `#${(await (await middleOf(4, 4)).resize(1, 1).raw().toBuffer()).toString('hex')}`
  /** The darkest red, green or blue around the middle, 0 to 255. */
  const darkest = async (width: number, height: number) =>
    Math.min(...(await (await middleOf(width, height)).raw().toBuffer()))
  const at = (place: Position, zoom: number) => page.evaluate(`location.hash = '#map=${zoom}/${place[1]}/${place[0]}'`)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-base-map-'))
    const data = join(folder, 'data')
    await mkdir(data)
    const made = await streetsOfSketch()
    road = made.road
    file = join(data, 'map.pmtiles')
    await writeArchive(file, made.layers)
    browser = await startBrowser()
    platform = await startPlatform({ DATA_DIR: data, SENSORS: '40' })
  })
  afterEach(async () => {
    await page.context().close()
    expect(browser.complaints.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('draws water and streets of the file, in the greys of either theme, and says whose they are', async () => {
    await open(lake, 14)
    await vi.waitFor(async () => expect(await middle()).toBe(light.water), soon)
    const source = page.getByTestId('map').getByText('© OpenStreetMap')
    expect(await source.getAttribute('href')).toBe('https://www.openstreetmap.org/copyright')
    await page.getByTestId('theme').click()
    await vi.waitFor(async () => expect(await middle()).toBe(dark.water), soon)
    await at(road[0] ?? lake, 15)
    await vi.waitFor(async () => expect(await middle()).toBe(dark.road), soon)
    await page.getByTestId('theme').click()
    await vi.waitFor(async () => expect(await middle()).toBe(light.road), soon)
  })

  it('has nothing of the sketch any more, and reads the file by ranges', async () => {
    const statuses: number[] = []
    const [lon = 0, lat = 0] = road[0] ?? lake
    await open([lon, lat], 15)
    page.on('response', (answer) => {
      if (answer.url().endsWith('/api/v1/base-map')) statuses.push(answer.status())
    })
    await vi.waitFor(async () => expect(await middle()).toBe(light.road), soon)
    // where the sketch has its road there is land
    await at([lon, lat - north], 15)
    await vi.waitFor(async () => expect([light.district, light.ground]).toContain(await middle()), soon)
    await at(lake, 11)
    await vi.waitFor(() => expect(statuses).toContain(206), soon)
    expect(statuses.filter((status) => status !== 206)).toEqual([])
    expect(await page.getByText('Sơ đồ – không dùng để đo').count()).toBe(0)
  })

  it('colours its own roads around a jammed counter, not those of the sketch', async () => {
    const [from = lake, to = lake] = road
    const on = (share: number): [number, number] => [
      (from[0] ?? 0) + share * ((to[0] ?? 0) - (from[0] ?? 0)),
      (from[1] ?? 0) + share * ((to[1] ?? 0) - (from[1] ?? 0)),
    ]
    const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
      ...{ protocolVersion: 4, username: 'admin', password: platform.adminToken },
    })
    const say = (channel: string, body: object) =>
      device.publishAsync(`city/v1/tay-ninh/traffic/on-base-map/${channel}`, JSON.stringify(body), { qos: 1 })
    const reading = (averageVehicleSpeed: number) =>
      say('reading', { ts: Date.now(), intensity: 3, averageVehicleSpeed })
    try {
      const name = { vi: 'Trên nền', en: 'On the base map' }
      await say('meta', { name, position: on(0.5), period: 600, freeFlowSpeed: 50 })
      await reading(8)
      // a little beside the counter, on its road
      await open(on(0.56), 15)
      await vi.waitFor(async () => expect(await middle()).toBe(light.warningLine), soon)
      await reading(50)
      await vi.waitFor(async () => expect(await middle()).not.toBe(light.warningLine), soon)
    } finally {
      await device.endAsync(true)
    }
  })

  it('names places in Vietnamese', async () => {
    await open(village, 13)
    // letters where there is nothing but land and a name
    await vi.waitFor(async () => expect(await darkest(60, 12)).toBeLessThan(110), soon)
    await at([village[0] ?? 0, (village[1] ?? 0) + 0.02], 13)
    await vi.waitFor(async () => expect(await darkest(60, 12)).toBeGreaterThan(190), soon)
  })

  it('gives way to the sketch when the file cannot be read, and the page says so', async () => {
    const kept = join(folder, 'kept.pmtiles')
    await rename(file, kept)
    try {
      await open(lake, 14)
      await page.getByText('Không tải được bản đồ nền.').waitFor()
      await page.getByText('Sơ đồ – không dùng để đo').waitFor()
      expect(await page.getByText('© OpenStreetMap').count()).toBe(0)
      // the browser itself reports the missing file, and the page the reason
      const complaints = browser.complaints.splice(0)
      expect(complaints.length).toBeGreaterThan(0)
      for (const complaint of complaints) expect(complaint).toContain('404')
    } finally {
      await rename(kept, file)
    }
  })
})
