import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type City, loadCity } from '#city/city.ts'
import { ownDistrict, writeOwnCity } from '../city/own-city.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'

const soon = { timeout: 30_000, interval: 200 }
/** least share of the map's tighter side that the outlines take */
const leastShare = 0.85
const sizes = [
  ['desk', 1440, 900],
  ['small desk', 1024, 768],
  ['very wide', 2560, 700],
  ['wall', 3840, 2160],
  ['phone', 390, 844],
  ['phone on its side', 844, 390],
] as const

/** Web Mercator, as shares of the world's width from its north-western corner. */
function mercator([lon = 0, lat = 0]: readonly number[]): [number, number] {
  const sine = Math.sin((lat * Math.PI) / 180)
  return [lon / 360 + 0.5, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)]
}

describe.skipIf(!findChromium() && !process.env.CI)('where the map opens', () => {
  let folder: string
  let city: City
  let platform: PlatformProcess
  let browser: TestBrowser
  let page: Page

  const open = async (width: number, height: number, hash = '') => {
    page = await browser.open({ width, height })
    await page.goto(`${platform.url}/?token=${platform.adminToken}${hash}`)
  }
  /** The box of all outlines on the map's element: its sides as shares of those of the element, and what of it lies outside, px. */
  const shown = async () => {
    const map = page.getByTestId('map')
    const { width, height } = (await map.boundingBox()) ?? { width: 0, height: 0 }
    const [lon = 0, lat = 0, zoom = 0] = ((await map.getAttribute('data-view')) ?? '').split(',').map(Number)
    const world = 512 * 2 ** zoom
    const centre = mercator([lon, lat])
    const corners = city.districts
      .flatMap(({ outline }) => outline.map(mercator))
      .map(([x, y]) => [(x - centre[0]) * world + width / 2, (y - centre[1]) * world + height / 2] as const)
    const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)]
    const [left, right] = [Math.min(...xs), Math.max(...xs)]
    const [top, bottom] = [Math.min(...ys), Math.max(...ys)]
    return {
      share: Math.max((right - left) / width, (bottom - top) / height),
      outside: Math.max(0, -left, -top, right - width, bottom - height),
    }
  }
  const filled = () =>
    vi.waitFor(async () => {
      const { share, outside } = await shown()
      expect(outside).toBe(0)
      expect(share).toBeGreaterThanOrEqual(leastShare)
    }, soon)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-fit-'))
    const CITY_DIR = join(folder, 'city')
    await writeOwnCity(CITY_DIR)
    city = await loadCity(CITY_DIR)
    browser = await startBrowser()
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), CITY_DIR, SENSORS: '30', BACKFILL_DAYS: '0' })
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

  it.each(sizes)('the outlines of the districts fill it: %s, %i × %i', async (name, width, height) => {
    await open(width, height, name === 'wall' ? '#kiosk=1' : '')
    await untilReady(page)
    await filled()
  })

  it('they fill it again when the window becomes another, until somebody moves the map', async () => {
    await open(1440, 900)
    await untilReady(page)
    for (const [, width, height] of sizes) {
      await page.setViewportSize({ width, height })
      await filled()
    }
    expect(page.url()).not.toContain('map=')
    await page.setViewportSize({ width: 1440, height: 900 })
    await filled()
    await page.getByTestId('map').locator('canvas').focus()
    await page.keyboard.press('Equal')
    await vi.waitFor(async () => expect((await shown()).share).toBeGreaterThan(1.5), soon)
    const canvas = page.getByTestId('map').locator('canvas')
    const widthOf = async () => (await canvas.boundingBox())?.width
    const before = await widthOf()
    await page.setViewportSize({ width: 1300, height: 800 })
    await vi.waitFor(async () => expect(await widthOf()).not.toBe(before), soon)
    expect((await shown()).share).toBeGreaterThan(1.5)
  })

  it('they fill it when another page was shown first', async () => {
    await open(1920, 1080, '#view=alerts')
    await page.locator('main').waitFor()
    await page.evaluate(`location.hash = ''`)
    await untilReady(page)
    await filled()
  })

  it('a third district of the installation’s data is on it, in its filters and in its list', async () => {
    await open(1440, 900)
    await untilReady(page)
    const wards = await page.getByTestId('ward').locator('option').allTextContents()
    for (const { name } of city.districts.flatMap((district) => district.wards)) expect(wards.join()).toContain(name.vi)
    await page.getByTestId('ward').selectOption('hao-duoc')
    await page.locator('[data-kind=lighting]').waitFor()
    await vi.waitFor(async () => {
      const listed = await page.evaluate<string[]>(
        `[...document.querySelectorAll('[data-testid=sensor-row]')].map((row) => row.dataset.sensor)`,
      )
      expect(listed.length).toBeGreaterThan(0)
      for (const id of listed) expect(id).toContain(ownDistrict)
    }, soon)
  })
})
