import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type MachineClock, openMachineClock } from '../support/machine-clock.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'
import { keepDrawing } from './page-watch.ts'

const soon = { timeout: 30_000, interval: 200 }
const root = 'city/v1/tay-ninh/air-quality'

/** Pixels of the map from its middle on, as an expression of the page's script. */
const pixels = (x: number, width: number) => `(() => {
  const map = document.querySelector('[data-testid=map] .maplibregl-canvas')
  const pen = new OffscreenCanvas(${width}, 1).getContext('2d', { willReadFrequently: true })
  pen.drawImage(map, map.width / 2 + ${x}, map.height / 2, ${width}, 1, 0, 0, ${width}, 1)
  const { data } = pen.getImageData(0, 0, ${width}, 1)
  return Array.from({ length: ${width} }, (_, at) => [...data.slice(4 * at, 4 * at + 3)])
})()`
/** whether the mark of a notice is whole in the middle, and that of its neighbour, a warning, is there */
const noticeAcross = `${pixels(-4, 9)}.map(([red, green, blue]) => red < 80 && green > 90 && green < 170 && blue > 100)`
const amberLeft = `${pixels(-70, 24)}.some(([red, green, blue]) => red > 200 && green > 100 && blue < 60)`

describe.skipIf(!findChromium() && !process.env.CI)('values and clocks on the page', () => {
  let folder: string
  let clock: MachineClock
  let platform: PlatformProcess
  let browser: TestBrowser
  let page: Page
  let client: MqttClient

  const tell = (id: string, body: object) =>
    client.publishAsync(`${root}/${id}/reading`, JSON.stringify(body), { qos: 1 })
  const open = async (hash: string, language: 'vi' | 'en') => {
    page = await browser.open({ height: 1_000 })
    await page.addInitScript(`localStorage.setItem('nhip-language', '${language}')`)
    await page.goto(`${platform.url}/?token=${platform.adminToken}${hash}`)
    await untilReady(page)
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-clock-'))
    browser = await startBrowser()
    clock = await openMachineClock(folder)
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '0', BACKFILL_DAYS: '0', ...clock.env })
    client = await mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
      ...{ protocolVersion: 4, username: 'admin', password: platform.adminToken },
    })
    for (const [at, id] of ['split', 'ahead'].entries()) {
      const meta = { name: { vi: `Trạm ${id}`, en: `Station ${id}` }, position: [106.1 + at / 50, 11.3], period: 60 }
      await client.publishAsync(`${root}/${id}/meta`, JSON.stringify(meta), { qos: 1, retain: true })
    }
  })
  afterAll(async () => {
    await client?.endAsync()
    await browser?.close()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('a message with one value leaves the others on map and panel, each with its age', async () => {
    const ts = Date.now() - 20_000
    await tell('split', { ts, pm25: 180 })
    await tell('split', { ts, pm10: 90 })
    await tell('split', { ts: ts + 15_000, temperature: 31 })
    await open('#sensor=split', 'en')
    const panel = page.getByTestId('sensor-panel')
    await vi.waitFor(async () => expect(await panel.locator('[data-value=temperature]').count()).toBe(1), soon)
    expect(await panel.locator('[data-value=pm25]').getAttribute('data-raw')).toBe('180')
    expect(await panel.locator('[data-value=pm25] [data-testid=value-age]').textContent()).toMatch(/second|minute/)
    expect(await panel.locator('[data-value=temperature] [data-testid=value-age]').count()).toBe(0)
    expect(await panel.locator('[data-freshness]').textContent()).toContain('Notice')
    if (process.env.LOOK) await page.screenshot({ path: `${process.env.LOOK}/split.png` })
    await page.context().close()
  })

  const hints = {
    vi: ['Chưa có số liệu đúng giờ.', 'không xét ngưỡng', 'Hãy chỉnh giờ thiết bị'],
    en: ['No reading with a right time yet.', 'break no limit', 'Set the device’s clock'],
  }
  it.each([
    ['vi', 7, 'Đồng hồ sai +7 giờ', 'Đồng hồ trạm không khí sai giờ'],
    ['en', 7, 'Clock wrong by +7 h', 'Air station has a wrong clock'],
    // such readings are not stored: they are in quarantine
    ['en', 72, 'Clock wrong by +3 d', 'Air station has a wrong clock'],
  ] as const)(
    'a clock that is ahead is marked on panel, list and rail: %s, %d h',
    async (language, hours, words, alert) => {
      await tell('ahead', { ts: Date.now() + hours * 3_600_000, pm25: 300 })
      await open('#state=clock', language)
      const row = page.getByTestId('sensor-row')
      await vi.waitFor(async () => expect(await row.textContent()).toContain(words), soon)
      expect(await row.count()).toBe(1)
      await vi.waitFor(async () => expect(await page.locator('body').textContent()).toContain(alert), soon)
      if (process.env.LOOK) await page.screenshot({ path: `${process.env.LOOK}/list-${language}.png` })
      await row.click()
      const panel = page.getByTestId('sensor-panel')
      await vi.waitFor(async () => expect(await panel.getByTestId('clock').textContent()).toContain(words), soon)
      expect(await panel.locator('[data-freshness]').getAttribute('data-freshness')).toBe('waiting')
      expect(await panel.locator('[data-value=pm25]').count()).toBe(0)
      // what it means and what to do
      for (const one of hints[language]) expect(await panel.textContent()).toContain(one)
      if (process.env.LOOK) await page.screenshot({ path: `${process.env.LOOK}/ahead-${language}.png` })
      await page.context().close()
    },
  )

  it('the words beside one mark are never drawn over another', async () => {
    // so near that the words would reach its neighbour, which stands in the middle
    const meta = { name: { vi: 'Trạm hot', en: 'Station hot' }, position: [106.13, 11.3], period: 60 }
    await client.publishAsync(`${root}/hot/meta`, JSON.stringify(meta), { qos: 1, retain: true })
    await tell('hot', { ts: Date.now(), pm25: 300 })
    await tell('ahead', { ts: Date.now() + 7 * 3_600_000, pm25: 300 })
    page = await browser.open({ height: 1_000 })
    await page.addInitScript(keepDrawing)
    await page.goto(`${platform.url}/?token=${platform.adminToken}#map=12/11.3/106.13`)
    await untilReady(page)
    await vi.waitFor(async () => expect(await page.evaluate(amberLeft)).toBe(true), soon)
    expect(await page.evaluate(noticeAcross)).toEqual(Array.from({ length: 9 }, () => true))
    if (process.env.LOOK) await page.screenshot({ path: `${process.env.LOOK}/words.png` })
    await page.context().close()
  })

  it.each([
    ['vi', 'Đồng hồ máy chủ lệch −24 giờ'],
    ['en', 'The clock of the server is off by −24 h'],
  ] as const)(
    'a clock of the server that jumped is told in a banner, until it is right: %s',
    async (language, words) => {
      await open('', language)
      await clock.set(-24 * 3_600_000)
      const banner = page.getByTestId('banner')
      await vi.waitFor(async () => expect(await banner.textContent()).toContain(words), soon)
      // what is shown stays as old as it is
      await tell('split', { ts: Date.now(), pm25: 20 })
      await vi.waitFor(async () => {
        const answer = await fetch(`${platform.url}/api/v1/sensors`, {
          headers: { authorization: `Bearer ${platform.adminToken}` },
        })
        expect(JSON.stringify(await answer.json())).toContain('"pm25":20')
      }, soon)
      expect(await banner.textContent()).toContain(words)
      if (process.env.LOOK) await page.screenshot({ path: `${process.env.LOOK}/server-clock-${language}.png` })
      await clock.set(0)
      await vi.waitFor(async () => {
        await tell('split', { ts: Date.now(), pm25: 20 })
        expect(await banner.count()).toBe(0)
      }, soon)
      await page.context().close()
    },
  )
})
