import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import {
  figure,
  findChromium,
  loadedBytes,
  type PageOptions,
  startBrowser,
  type TestBrowser,
  untilReady,
} from './browser.ts'
import { lateMs, watchPage } from './page-watch.ts'

const soon = { timeout: 30_000, interval: 100 }
/** holds in a page that says what is amiss */
const banner = `document.querySelector('[data-testid=banner]') !== null`

describe.skipIf(!findChromium() && !process.env.CI)('the dashboard of the whole platform', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let page: Page

  const start = async (ports: Record<string, string> = {}) => {
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '200', BACKFILL_DAYS: '1', ...ports })
  }
  /** Opens the page signed in; `hash` is the address's fragment. */
  const open = async (hash = '', options: PageOptions = {}) => {
    page = await browser.open(options)
    await page.goto(`${platform.url}/?token=${platform.adminToken}${hash}`)
    await untilReady(page)
  }
  const readings = () => figure(page, 'connection', 'data-readings')
  /** fresh, stale, offline */
  const counts = () =>
    Promise.all(['fresh', 'stale', 'offline'].map((name) => figure(page, `count-${name}`, 'data-count')))
  const untilMoving = async () => {
    const before = await readings()
    await vi.waitFor(async () => expect(await readings()).toBeGreaterThan(before), soon)
  }
  /** What shows something measured and looks as if it were current. */
  const notGreyed = () =>
    page.evaluate<string[]>(`[...document.querySelectorAll(
      '[data-testid=map], [data-count], [data-value], [data-ms], [data-freshness], [data-testid=age], [data-testid=chart], [data-testid=alert-rail] h2, [data-testid=alert-rail] .lists, [data-testid=alert-strip]'
    )].filter((element) => {
      const soft = getComputedStyle(document.querySelector('.soft')).color
      for (let up = element; up; up = up.parentElement)
        if (getComputedStyle(up).filter === 'grayscale(1)' && getComputedStyle(up).color === soft) return false
      return true
    }).map(({ outerHTML }) => outerHTML.slice(0, 80))`)
  const untilState = (state: string, timeout: number) =>
    page.locator(`[data-testid=connection][data-state=${state}]`).waitFor({ timeout })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-dashboard-'))
    browser = await startBrowser()
    await start()
  })
  afterEach(async () => {
    await page.context().close()
    // no error, no warning, no violation of the security policy, no request to another host, whatever was done
    expect(browser.complaints.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('opens by the printed link to a map on which the readings of 200 sensors arrive', async () => {
    page = await browser.open()
    await page.goto(platform.loginUrl)
    await untilReady(page)
    expect(await page.getByTestId('map').locator('canvas').count()).toBe(1)
    expect(page.url()).not.toContain('token')
    await vi.waitFor(async () => expect(await counts()).toEqual([200, 0, 0]), soon)
    await untilMoving()
    await untilState('live', 1_000)
    expect(await figure(page, 'latency', 'data-ms')).toBeGreaterThanOrEqual(0)
    expect(await page.getByTestId('banner').count()).toBe(0)
  })

  it('shows the sign-in to who opens the printed link a second time', async () => {
    page = await browser.open()
    await page.goto(platform.loginUrl)
    await page.getByTestId('sign-in').waitFor()
    expect(await page.getByTestId('map').count()).toBe(0)
  })

  it('lets the admin token in, and says when it is wrong', async () => {
    page = await browser.open()
    await page.goto(platform.url)
    await page.getByTestId('with-token').click()
    const field = page.getByTestId('sign-in').locator('input')
    await field.fill('not-the-token')
    await field.press('Enter')
    await page.getByText('Mã không đúng.').waitFor()
    // the browser itself reports the refusal
    expect(browser.complaints.splice(0)).toEqual([expect.stringContaining('401')])
    await field.fill(platform.adminToken)
    await field.press('Enter')
    await untilReady(page)
    await page.reload()
    await untilReady(page)
  })

  it('is under 600 kB, gzipped, on its first load', async () => {
    await open()
    const sizes = await loadedBytes(page)
    // the page, its script and style, the map's code and worker, two fonts
    expect(sizes.filter((size) => size > 0).length).toBeGreaterThan(7)
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(600_000)
  })

  it('speaks Vietnamese first, and English without a reload', async () => {
    await open()
    const legend = page.getByTestId('legend')
    expect(await page.locator('html').getAttribute('lang')).toBe('vi')
    await legend.getByText('mất kết nối').waitFor()
    await page.getByTestId('map').getByLabel('Bản đồ cảm biến').waitFor()
    await page.evaluate('globalThis.notReloaded = true')
    await page.getByTestId('language').getByText('EN').click()
    await legend.getByText('offline').waitFor()
    await page.getByTestId('map').getByLabel('Map of sensors').waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    expect(await page.getByTestId('connection').textContent()).toContain('LIVE')
    expect(await page.evaluate('globalThis.notReloaded')).toBe(true)
    await page.reload()
    await legend.getByText('offline').waitFor()
  })

  it('finds sensors without diacritics', async () => {
    await open()
    const names = page.getByTestId('sensor-row')
    await vi.waitFor(async () => expect(await names.count()).toBe(100), soon)
    await page.getByTestId('search').fill('dem boi loi')
    await vi.waitFor(async () => {
      const texts = await names.allTextContents()
      expect(texts.length).toBeGreaterThan(0)
      for (const text of texts) expect(text).toMatch(/Đếm xe Bời Lời/)
    }, soon)
    await page.getByTestId('search').fill('no such sensor')
    await page.getByText('Không có cảm biến nào khớp.').waitFor()
  })

  it('shows the newest values of a sensor with their units and its last 24 hours, and keeps it in the address', async () => {
    await open()
    await page.getByTestId('search').fill('khong khi')
    await page.getByTestId('sensor-row').first().click()
    const panel = page.getByTestId('sensor-panel')
    const pm25 = panel.locator('[data-value=pm25] dd')
    expect(await pm25.textContent()).toMatch(/^\d+,\d µg\/m³$/)
    expect(await panel.getByTestId('age').textContent()).toMatch(/^\d+ (giây|phút) trước$/)
    const drawn = page.locator('[data-testid=chart][data-stage=drawn] canvas')
    await drawn.waitFor()
    const id = await panel.getAttribute('data-sensor')
    expect(page.url()).toContain(`sensor=${id}`)
    await page.reload()
    await drawn.waitFor()
    expect(await panel.getAttribute('data-sensor')).toBe(id)
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    expect(page.url()).not.toContain('sensor=')
  })

  it('moves the map only when the user moves it, and opens where the user left it', async () => {
    await open()
    await page.getByTestId('sensor-row').first().click()
    await untilMoving()
    await page.setViewportSize({ width: 1200, height: 800 })
    await untilMoving()
    expect(page.url()).not.toContain('map=')
    await page.getByTestId('map').hover()
    await page.mouse.wheel(0, -400)
    await page.waitForURL(/map=/)
    const place = () => /map=[^&]*/.exec(page.url())?.[0]
    let left = place()
    // a turn of the wheel runs out over some frames
    await vi.waitFor(async () => {
      const before = left
      left = place()
      expect(left).toBe(before)
    }, soon)
    await page.reload()
    await untilReady(page)
    await untilMoving()
    expect(place()).toBe(left)
  })

  it('has no sideways scrolling on a phone, and everything at hand', async () => {
    await open('', { width: 390, height: 844 })
    for (const hook of ['map', 'connection', 'count-fresh', 'latency', 'language', 'sensor-list', 'legend'])
      expect(await page.getByTestId(hook).isVisible()).toBe(true)
    await page.getByTestId('sensor-row').first().click()
    await page.locator('[data-testid=chart][data-stage=drawn] canvas').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
  })

  it('shows the table and says why where there is no WebGL', async () => {
    const plain = await startBrowser({ webgl: false })
    page = await plain.open()
    await page.goto(`${platform.url}/?token=${platform.adminToken}`)
    await untilReady(page)
    expect(await page.getByTestId('no-webgl').textContent()).toContain('WebGL2')
    const row = page.getByTestId('sensor-row').first()
    expect(await row.textContent()).toMatch(/trước/)
    await row.getByRole('button').click()
    await page.getByTestId('sensor-panel').waitFor()
    await untilMoving()
    await plain.close()
    expect(plain.complaints).toEqual([])
  })

  it('shows a sensor as stale three of its own periods after its last reading, and as offline when it says so', async () => {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
      protocolVersion: 4,
      username: 'admin',
      password: platform.adminToken,
    })
    const topic = 'city/v1/tay-ninh/lighting/test-lamp'
    const meta = { name: { vi: 'Đèn thử', en: 'Test lamp' }, position: [106.13, 11.3], period: 0.5 }
    await client.publishAsync(`${topic}/meta`, JSON.stringify(meta), { qos: 1, retain: true })
    await client.publishAsync(`${topic}/reading`, JSON.stringify({ ts: Date.now(), powerState: 'on' }), { qos: 1 })
    await open('#sensor=test-lamp')
    const state = page.getByTestId('sensor-panel').locator('[data-freshness]')
    await vi.waitFor(async () => expect(await state.getAttribute('data-freshness')).toBe('stale'), soon)
    await vi.waitFor(async () => expect((await counts())[1]).toBeGreaterThan(0), soon)
    await client.publishAsync(`${topic}/status`, 'offline', { qos: 1, retain: true })
    await vi.waitFor(async () => expect(await state.getAttribute('data-freshness')).toBe('offline'), soon)
    await vi.waitFor(async () => expect((await counts())[2]).toBe(1), soon)
    for (const [part, payload] of Object.entries({ meta: '', status: '' }))
      await client.publishAsync(`${topic}/${part}`, payload, { qos: 1, retain: true })
    await client.endAsync()
  })

  it('fills a wall display with map and alerts alone, and gives everything back on Escape', async () => {
    await open('#kiosk=1')
    await page.getByTestId('map').locator('canvas').waitFor()
    await page.getByTestId('alert-rail').waitFor()
    await untilMoving()
    for (const name of ['theme', 'menu', 'search', 'sensor-row']) expect(await page.getByTestId(name).count()).toBe(0)
    await page.keyboard.press('Escape')
    await page.getByTestId('search').waitFor()
    expect(page.url()).not.toContain('kiosk')
    await page.keyboard.press('w')
    await page.getByTestId('search').waitFor({ state: 'detached' })
    expect(page.url()).toContain('kiosk=1')
  })

  it('keeps the map in sight on a wall display as narrow as a phone, and a button to leave it', async () => {
    await open('#kiosk=1', { width: 390, height: 844 })
    await page.getByTestId('alert-rail').waitFor()
    const { width, height } = (await page.getByTestId('map').boundingBox()) ?? { width: 0, height: 0 }
    expect(width).toBeGreaterThan(300)
    expect(height).toBeGreaterThan(300)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    await page.getByTestId('leave-kiosk').click()
    await page.getByTestId('search').waitFor()
    expect(page.url()).not.toContain('kiosk')
  })

  it('shows what did not validate, with the reason', async () => {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
      ...{ protocolVersion: 4, username: 'admin', password: platform.adminToken },
    })
    const topic = 'city/v1/tay-ninh/air-quality/sample-station/reading'
    await client.publishAsync(topic, JSON.stringify({ ts: Date.now(), pm25: -5 }), { qos: 1 })
    await client.endAsync()
    await open()
    await page.getByTestId('menu').click()
    await page.getByRole('button', { name: 'Bản tin bị từ chối' }).click()
    const quarantine = page.getByTestId('quarantine')
    await quarantine.getByText(topic).waitFor({ timeout: 30_000 })
    expect(await quarantine.locator('tbody tr').first().textContent()).toMatch(/Giá trị không hợp lệ.*VALUE.*pm25/)
    expect(await quarantine.getAttribute('data-total')).toBe('1')
    await page.goBack()
    await page.getByTestId('map').locator('canvas').waitFor()
    expect(await quarantine.count()).toBe(0)
  })

  it('says within 5 s that the server does not answer any more, and goes on when it does', async () => {
    await open()
    await untilMoving()
    const seen = watchPage(page, banner)
    const silentAt = Date.now()
    platform.process.kill('SIGSTOP')
    try {
      expect(lateMs(await seen, silentAt)).toBeLessThanOrEqual(5_000)
    } finally {
      platform.process.kill('SIGCONT')
    }
    await untilState('live', 10_000)
    await page.getByTestId('banner').waitFor({ state: 'detached' })
  })

  it('says within 5 s that the connection is lost, and heals within 10 s when the platform is back', async () => {
    await open()
    await page.getByTestId('sensor-row').first().click()
    // the code of the chart is loaded when a sensor is opened
    await page.locator('[data-testid=chart] canvas').waitFor()
    await untilMoving()
    const ports = {
      HTTP_PORT: new URL(platform.url).port,
      MQTT_PORT: String(platform.mqttPort),
      MQTT_WS_PORT: String(platform.wsPort),
    }
    const seen = watchPage(page, banner)
    const goneAt = Date.now()
    await platform.stop('SIGKILL')
    expect(lateMs(await seen, goneAt)).toBeLessThanOrEqual(5_000)
    expect(await page.getByTestId('connection').getAttribute('data-state')).toBe('lost')
    expect(await notGreyed()).toEqual([])
    expect(await page.title()).toContain('✕')
    await start(ports)
    await untilState('live', 10_000)
    await page.getByTestId('banner').waitFor({ state: 'detached' })
    expect((await notGreyed()).length).toBeGreaterThan(5)
    await untilMoving()
    // a server that goes away is no fault of the page
    const others = browser.complaints
      .splice(0)
      .filter((text) => !/ERR_CONNECTION|WebSocket connection|did not answer/.test(text))
    expect(others).toEqual([])
  })
})
