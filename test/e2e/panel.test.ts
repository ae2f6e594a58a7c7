import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { qualityResponse } from '#telemetry/quality.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { figure, findChromium, type PageOptions, startBrowser, type TestBrowser, untilReady } from './browser.ts'

const soon = { timeout: 30_000, interval: 100 }
const minute = 60_000

describe.skipIf(!findChromium() && !process.env.CI)('the panel of a sensor', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let page: Page

  const open = async (hash: string, options: PageOptions = {}) => {
    page = await browser.open({ height: 1_200, ...options })
    await page.goto(`${platform.url}/?token=${platform.adminToken}${hash}`)
    await untilReady(page)
  }
  const panel = () => page.getByTestId('sensor-panel')
  const drawn = () => page.locator('[data-testid=chart][data-stage=drawn] canvas').waitFor({ timeout: 30_000 })
  const range = (name: string) => page.locator(`[data-range="${name}"]`).first()

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-panel-'))
    browser = await startBrowser()
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '60', BACKFILL_DAYS: '2' })
    // a station that was silent for half an hour
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
      ...{ protocolVersion: 4, username: 'admin', password: platform.adminToken },
    })
    const topic = 'city/v1/tay-ninh/air-quality/test-station'
    const meta = { name: { vi: 'Trạm thử', en: 'Test station' }, position: [106.13, 11.3], period: 60, model: 'Thử 1' }
    await client.publishAsync(`${topic}/meta`, JSON.stringify({ ...meta, ward: 'tan-ninh' }), { qos: 1, retain: true })
    const now = Date.now()
    const ages = [...Array.from({ length: 10 }, (_, i) => 45 - i), ...Array.from({ length: 10 }, (_, i) => 9 - i)]
    const readings = ages.map((age) => ({ ts: now - age * minute, pm25: 40 + (age % 5), pm10: 60 }))
    await client.publishAsync(`${topic}/reading`, JSON.stringify(readings), { qos: 1 })
    await client.endAsync()
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

  it('draws an hour, a day and a week, and gaps as gaps', async () => {
    await open('#sensor=test-station')
    await drawn()
    const chart = page.getByTestId('chart')
    expect(await chart.getAttribute('data-range')).toBe('24h')
    await range('1h').click()
    await vi.waitFor(async () => expect(await figure(page, 'chart', 'data-gaps')).toBe(1), soon)
    // where there was silence nothing is drawn: no ink in the columns of the gap, ink on both sides of it
    const ink = `(() => {
      const drawn = document.querySelector('[data-testid=chart] canvas')
      const canvas = document.createElement('canvas')
      canvas.width = drawn.width
      canvas.height = drawn.height
      const plot = document.querySelector('[data-testid=chart] .u-over').getBoundingClientRect()
      const box = drawn.getBoundingClientRect()
      const ratio = canvas.width / box.width
      const pen = canvas.getContext('2d', { willReadFrequently: true })
      pen.drawImage(drawn, 0, 0)
      const line = getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()
      const probe = document.createElement('canvas').getContext('2d')
      probe.fillStyle = line
      const wanted = probe.fillStyle
      const inked = (share) => {
        const x = Math.round((plot.left - box.left + plot.width * share) * ratio)
        const data = pen.getImageData(x - 3, (plot.top - box.top) * ratio, 6, plot.height * ratio).data
        for (let at = 0; at < data.length; at += 4) {
          const hex = '#' + [data[at], data[at + 1], data[at + 2]].map((c) => c.toString(16).padStart(2, '0')).join('')
          if (hex === wanted && data[at + 3] === 255) return true
        }
        return false
      }
      return [inked(1 - 42 / 60), inked(1 - 24 / 60), inked(1 - 5 / 60)]
    })()`
    await vi.waitFor(async () => expect(await page.evaluate(ink)).toEqual([true, false, true]), soon)
    await range('7d').click()
    await page.locator('[data-testid=chart][data-stage=drawn][data-range="7d"]').waitFor()
  })

  it('names the limits its value is judged by', async () => {
    await open('#sensor=test-station')
    await drawn()
    expect(await page.getByTestId('limits').textContent()).toMatch(/45 µg\/m³ \(QCVN 05:2023, 24 giờ\)/)
    await page.getByTestId('sensor-panel').waitFor()
    await page.context().close()
    await open('#sensor=tay-ninh-traffic-001')
    await drawn()
    expect(await page.getByTestId('limits').textContent()).toMatch(/km\/h \(chậm\).*km\/h \(ùn tắc\)/)
  })

  it.each([
    ['vi', 'trong 5 s', 'Xe mỗi giờ, đếm trong 5 s.', 'xe/giờ'],
    ['en', 'in 5 s', 'Vehicles per hour, counted in 5 s.', 'veh./h'],
  ])(
    'draws vehicles per hour and says in how many seconds they were counted: %s',
    async (language, now, past, unit) => {
      await open('#sensor=tay-ninh-traffic-001')
      await page.locator(`[data-language=${language}]`).click()
      await page.locator(`[data-language=${language}][aria-pressed=true]`).waitFor()
      await drawn()
      expect(await page.locator('[data-value=intensity] dd').textContent()).toMatch(new RegExp(` ${now}$`))
      expect(await page.locator('[data-value=averageVehicleSpeed] [data-testid=in-period]').count()).toBe(0)
      await page.locator('.choices select').selectOption('intensity')
      await page.getByTestId('periods').waitFor()
      expect(await page.getByTestId('periods').textContent()).toContain(past)
      await drawn()
      const box = await page.locator('[data-testid=chart] .u-over').boundingBox()
      if (!box) throw new Error('the chart has no place')
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
      await vi.waitFor(async () => expect(await page.locator('.readout').textContent()).toContain(unit), soon)
      if (process.env.LOOK) await page.screenshot({ path: `${process.env.LOOK}/flow-${language}.png` })
      await page.locator('.choices select').selectOption('averageVehicleSpeed')
      await page.getByTestId('periods').waitFor({ state: 'detached' })
    },
  )

  it('tells how good its data are, as the api does', async () => {
    await open('#sensor=tay-ninh-traffic-001')
    const quality = page.getByTestId('quality')
    await quality.waitFor()
    const names = (await quality.locator('dt').allTextContents()).map((text) => text.trim())
    expect(names).toEqual(['đúng hợp lệ', 'đủ đầy đủ', 'sạch hợp lý', 'sống kịp thời'])
    const shown = await figure(page, 'quality', 'data-from')
    const answer = await fetch(`${platform.url}/api/v1/sensors/tay-ninh-traffic-001/quality`, {
      headers: { authorization: `Bearer ${platform.adminToken}` },
    })
    const hour = qualityResponse.parse(await answer.json()).hours.find(({ from }) => from === shown)
    expect(Number(await quality.locator('[data-part=clean]').getAttribute('data-share'))).toBe(hour?.clean)
    expect(Number(await quality.locator('[data-part=correct]').getAttribute('data-share'))).toBe(hour?.correct)
  })

  it('says what and where it is, and leads to its nearest neighbours of the same kind', async () => {
    await open('#sensor=test-station')
    const metadata = page.getByTestId('metadata')
    await metadata.getByText('Thử 1').waitFor()
    expect(await metadata.textContent()).toMatch(/60 s.*Tân Ninh.*11,30000; 106,13000/)
    const neighbours = page.getByTestId('neighbours').locator('button')
    await vi.waitFor(async () => expect(await neighbours.count()).toBe(4), soon)
    const texts = await neighbours.allTextContents()
    for (const text of texts) expect(text).toMatch(/Trạm không khí.*\d (m|km)/)
    const next = await neighbours.first().getAttribute('data-sensor')
    await neighbours.first().click()
    await vi.waitFor(async () => expect(await panel().getAttribute('data-sensor')).toBe(next), soon)
    expect(page.url()).toContain(`sensor=${next}`)
  })

  it('lists its alerts, or says that there are none', async () => {
    await open('#sensor=tay-ninh-air-quality-001')
    await page.getByTestId('sensor-alerts').waitFor()
  })

  it('shows in a replay the value of then and the history up to then', async () => {
    const at = Math.floor(Date.now() / minute) * minute - 15 * minute
    await open(`#sensor=test-station&at=${new Date(at).toISOString()}`)
    await page.locator('[data-testid=replay-bar][data-stage=ready]').waitFor({ timeout: 30_000 })
    await drawn()
    await range('1h').click()
    await page.locator('[data-testid=chart][data-stage=drawn][data-range="1h"]').waitFor()
    // the silence of then had begun, and nothing of later is there
    expect(await figure(page, 'chart', 'data-gaps')).toBe(0)
    expect(await panel().locator('[data-freshness]').getAttribute('data-freshness')).toBe('stale')
  })
})
