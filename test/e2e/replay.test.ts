import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { historyResponse } from '#telemetry/history-rest.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { figure, findChromium, type PageOptions, startBrowser, type TestBrowser, untilReady } from './browser.ts'
import { offlineThen, openNow, recordPast, shelvedThen, watchedThen } from './past-alerts.ts'

const soon = { timeout: 30_000, interval: 100 }
const minute = 60_000
const hour = 60 * minute
const week = 7 * 24 * hour
const sensors = 60

describe.skipIf(!findChromium() && !process.env.CI)('the replay of the whole platform', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let page: Page
  let startedAt: number
  /** what the live page showed of a sensor at whole seconds, epoch ms */
  const lived: { at: number; freshness: string | null; offline: number }[] = []

  const open = async (hash = '', options: PageOptions = {}) => {
    page = await browser.open(options)
    await page.goto(`${platform.url}/?token=${platform.adminToken}${hash}`)
    await untilReady(page)
  }
  const bar = () => page.getByTestId('replay-bar')
  const iso = (at: number) => new Date(at).toISOString()
  const shown = () => figure(page, 'replay-bar', 'data-at')
  /** Waits until a moment is loaded and shown; says what is shown instead when it is not. */
  const untilShown = async (at: number) => {
    const there = page.locator(`[data-testid=replay-bar][data-stage=ready][data-at="${at}"]`)
    await there.waitFor({ timeout: 30_000 }).catch(async (error: unknown) => {
      const instead = await bar().evaluate((element: { dataset: object }) => JSON.stringify(element.dataset))
      throw new Error(`${iso(at)} is not shown at ${page.url()} but ${instead}: ${browser.complaints.join('; ')}`, {
        cause: error,
      })
    })
  }
  /** Opens the page at a moment of the past. */
  const openAt = async (at: number, more = '', options: PageOptions = {}) => {
    await open(`#at=${iso(at)}${more}`, options)
    await untilShown(at)
  }
  const newestBefore = async (sensor: string, value: string, at: number) => {
    const query = new URLSearchParams({ value, window: 'raw', from: String(at - hour), to: String(at) })
    const answer = await fetch(`${platform.url}/api/v1/sensors/${sensor}/history?${query}`, {
      headers: { authorization: `Bearer ${platform.adminToken}` },
    })
    return historyResponse.parse(await answer.json()).points.at(-1)
  }
  /** Compares every value of the open panel with the history of that sensor. */
  const expectHistory = async (sensor: string, at: number) => {
    await page.locator(`[data-testid=sensor-panel][data-sensor=${sensor}]`).waitFor()
    const values = page.getByTestId('sensor-panel').locator('[data-value]')
    await vi.waitFor(async () => expect(await values.count()).toBeGreaterThan(2), soon)
    for (const value of await values.all()) {
      const name = (await value.getAttribute('data-value')) ?? ''
      const point = await newestBefore(sensor, name, at)
      expect([name, await value.getAttribute('data-raw')]).toEqual([name, String(point?.value)])
    }
  }

  const freshness = () => page.getByTestId('sensor-panel').locator('[data-freshness]').getAttribute('data-freshness')
  const offline = () => figure(page, 'count-offline', 'data-count')
  /** A sensor comes, goes, comes back and goes; the live page tells. By the time the last test looks, it is the past. */
  const live = async () => {
    const device = await mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
      ...{ protocolVersion: 4, username: 'admin', password: platform.adminToken },
    })
    const topic = 'city/v1/tay-ninh/lighting/coming'
    const meta = { name: { vi: 'Đèn', en: 'Lamp' }, position: [106.13, 11.3], period: 600 }
    const qos = { qos: 1, retain: true } as const
    await device.publishAsync(`${topic}/meta`, JSON.stringify(meta), qos)
    await device.publishAsync(`${topic}/reading`, JSON.stringify({ ts: Date.now(), powerState: 'on' }), { qos: 1 })
    await open('#sensor=coming')
    for (const [status, shows] of [
      ['online', 'fresh'],
      ['offline', 'offline'],
      ['online', 'fresh'],
      ['offline', 'offline'],
    ] as const) {
      await device.publishAsync(`${topic}/status`, status, qos)
      await vi.waitFor(async () => {
        expect([await freshness(), await offline()]).toEqual([shows, shows === 'offline' ? 1 : 0])
      }, soon)
      const at = (Math.floor(Date.now() / 1_000) + 1) * 1_000
      await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(at), soon)
      lived.push({ at, freshness: await freshness(), offline: await offline() })
    }
    await device.endAsync()
    await page.context().close()
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-replay-'))
    browser = await startBrowser()
    startedAt = Math.floor(Date.now() / minute) * minute
    const data = join(folder, 'data')
    await recordPast(data, startedAt - week, startedAt)
    platform = await startPlatform({ DATA_DIR: data, SENSORS: String(sensors), BACKFILL_DAYS: '8' })
    await live()
  }, 120_000)
  afterEach(async () => {
    await page.context().close()
    expect(browser.complaints.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('keeps the header in one row where the live page has it in one: the map does not jump', async () => {
    await open('', { width: 1280, height: 860 })
    const height = async () => (await page.locator('header').boundingBox())?.height
    const live = await height()
    await page.getByTestId('scrubber').press('Home')
    await page.locator('[data-testid=page][data-mode=replay]').waitFor()
    expect(await height()).toBe(live)
  })

  it('shows at a moment of the past what the history has of every kind of sensor', async () => {
    const at = startedAt - 6 * hour + 7 * 1_000
    await openAt(at)
    for (const kind of ['traffic', 'lighting', 'air-quality']) {
      const sensor = `tay-ninh-${kind}-001`
      await page.getByTestId('search').fill(sensor)
      await page.locator(`[data-testid=sensor-row][data-sensor=${sensor}]`).click()
      await expectHistory(sensor, at)
      await page.keyboard.press('Escape')
    }
    expect(await figure(page, 'count-fresh', 'data-count')).toBe(sensors)
  })

  it.each([10, 600])('has the values of the history wherever playing at %i× is stopped', async (speed) => {
    const sensor = 'hoa-thanh-air-quality-001'
    const at = startedAt - 5 * hour
    await openAt(at, `&sensor=${sensor}`)
    await page.locator(`[data-speed="${speed}"]`).click()
    await page.getByTestId('replay-play').click()
    await vi.waitFor(async () => expect(await shown()).toBeGreaterThan(at + speed * 2_000), soon)
    await page.getByTestId('replay-play').click()
    const stopped = await shown()
    await expectHistory(sensor, stopped)
    expect(page.url()).toContain(`at=${iso(stopped).replace('.000', '')}`)
    expect(await shown()).toBe(stopped)
  })

  it('tells past from present by words, shape, frame and title, while live goes on behind, and L returns', async () => {
    await open()
    const mode = () => page.getByTestId('page').getAttribute('data-mode')
    const frame = () =>
      page.evaluate<string>(`getComputedStyle(document.querySelector('.stage'), '::after').borderTopWidth`)
    expect([await mode(), await page.getByTestId('replay-badge').count()]).toEqual(['live', 0])
    expect(await page.title()).not.toContain('PHÁT LẠI')
    const liveFrame = await frame()
    await page.getByTestId('scrubber').focus()
    await page.keyboard.press('Home')
    await bar().and(page.locator('[data-stage=ready]')).waitFor({ timeout: 30_000 })
    expect(await mode()).toBe('replay')
    const badge = page.getByTestId('replay-badge')
    expect(await badge.textContent()).toContain('PHÁT LẠI')
    const shape = `getComputedStyle(document.querySelector('[data-testid=replay-badge]')).clipPath`
    expect(await page.evaluate(shape)).toContain('polygon')
    expect(await page.getByTestId('connection').textContent()).not.toContain('TRỰC TIẾP')
    expect(await page.title()).toMatch(/^◀◀ PHÁT LẠI \d/)
    expect([liveFrame, await frame()]).toEqual(['0px', '7px'])
    // a sensor of the past has its reading of then; meanwhile the feed goes on
    const before = await figure(page, 'connection', 'data-readings')
    await vi.waitFor(
      async () => expect(await figure(page, 'connection', 'data-readings')).toBeGreaterThan(before),
      soon,
    )
    const past = await shown()
    expect(Date.now() - past).toBeGreaterThan(23 * hour)
    await page.keyboard.press('l')
    expect([await mode(), await badge.count()]).toEqual(['live', 0])
    expect(page.url()).not.toContain('at=')
    expect(await page.getByTestId('connection').textContent()).toContain('TRỰC TIẾP')
    await vi.waitFor(async () => expect(await figure(page, 'count-fresh', 'data-count')).toBe(sensors), soon)
  })

  it('plays and pauses by the space bar, and steps by the arrows', async () => {
    const at = startedAt - 3 * hour
    await openAt(at)
    await page.locator('body').press('ArrowLeft')
    await untilShown(at - minute)
    await page.keyboard.press('Shift+ArrowRight')
    await untilShown(at + 9 * minute)
    await page.keyboard.press('Space')
    await vi.waitFor(async () => expect(await shown()).toBeGreaterThan(at + 10 * minute), soon)
    await page.keyboard.press('Space')
    const stopped = await shown()
    await page.waitForURL(new RegExp(`at=${iso(stopped).replace('.000', '')}`))
    expect(await shown()).toBe(stopped)
    // past the present is the present
    await page.getByTestId('scrubber').press('End')
    await page.locator('[data-testid=page][data-mode=live]').waitFor()
    expect(page.url()).not.toContain('at=')
  })

  it('shows a colleague who opens the link the same moment', async () => {
    const sensor = 'tay-ninh-traffic-002'
    await openAt(startedAt - 4 * hour, `&sensor=${sensor}`)
    await page.keyboard.press('ArrowRight')
    const at = startedAt - 4 * hour + minute
    await untilShown(at)
    await page.waitForURL(new RegExp(`at=${iso(at).replace('.000', '')}`))
    const values = () =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll('[data-testid=sensor-panel] [data-value]')].map((one) => one.dataset.raw)`,
      )
    const [mine, link] = [await values(), page.url()]
    expect(mine.length).toBeGreaterThan(2)
    await page.context().close()
    page = await browser.open({ locale: 'vi-VN' })
    await page.goto(`${platform.url}/?token=${platform.adminToken}`)
    await page.goto(link)
    await page.reload()
    await untilReady(page)
    await untilShown(at)
    await vi.waitFor(async () => expect(await values()).toEqual(mine), soon)
  })

  it('marks on the scrubber where nothing was measured, and where the history is sparse', async () => {
    await openAt(startedAt - 2 * hour)
    const holes = bar().locator('[data-hole]')
    await vi.waitFor(async () => expect(await bar().locator('[data-hole=sparse]').count()).toBe(1), soon)
    expect(await holes.first().getAttribute('title')).toMatch(/\d/)
  })

  it('shows a sensor as offline when the live page did, at each moment and while playing', async () => {
    const last = lived.at(-1)?.at ?? 0
    // nothing of the last seconds is replayed
    await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(last + 16_000), soon)
    for (const moment of lived.slice(1, 3)) {
      await openAt(moment.at, '&sensor=coming')
      await vi.waitFor(async () => {
        expect({ at: moment.at, freshness: await freshness(), offline: await offline() }).toEqual(moment)
      }, soon)
      await page.context().close()
    }
    await openAt(lived[0]?.at ?? 0, '&sensor=coming')
    await vi.waitFor(async () => expect([await freshness(), await offline()]).toEqual(['fresh', 0]), soon)
    await page.locator('[data-speed="10"]').click()
    await page.getByTestId('replay-play').click()
    await vi.waitFor(async () => expect(await shown()).toBeGreaterThanOrEqual(last), soon)
    await page.getByTestId('replay-play').click()
    await vi.waitFor(async () => expect([await freshness(), await offline()]).toEqual(['offline', 1]), soon)
  })

  it('shows the alerts, shelvings and connections of a week ago and none of now, and nothing can be done to them', async () => {
    const at = startedAt - week
    const listed = () =>
      page.evaluate<string[]>(
        `[...new Set([...document.querySelectorAll('aside [data-alert]')].map((one) => one.dataset.alert))].sort()`,
      )
    const counts = () =>
      page.evaluate<string[]>(
        `['critical', 'warning', 'shelved', 'offline'].map((name) =>
          document.querySelector('[data-testid=count-' + name + ']')?.dataset.count ?? '0')`,
      )
    await open()
    await vi.waitFor(async () => expect(await listed()).toEqual([openNow.id]), soon)
    // by the calendar, with the keyboard: a week is one line
    const today = await page.getByTestId('choose-day').getAttribute('data-date')
    await page.getByTestId('choose-day').click()
    await page.locator('[data-testid=calendar][data-loaded=true]').waitFor()
    const focused = () => page.evaluate<string>('document.activeElement.dataset.date')
    await vi.waitFor(async () => expect(await focused()).toBe(today), soon)
    await page.keyboard.press('ArrowUp')
    await vi.waitFor(async () => expect(await focused()).not.toBe(today), soon)
    expect(Date.parse(today ?? '') - Date.parse(await focused())).toBe(week)
    expect(await page.locator(':focus').getAttribute('data-readings')).toBe('true')
    await page.keyboard.press('PageUp')
    await page.keyboard.press('PageDown')
    await page.keyboard.press('Enter')
    await bar().and(page.locator('[data-stage=ready]')).waitFor({ timeout: 30_000 })
    // the focus is back where it was
    expect(await focused()).toBe(await page.getByTestId('choose-day').getAttribute('data-date'))
    expect(Math.round((startedAt - (await shown())) / week)).toBe(1)
    const ends = ['min', 'max'].map((name) => page.getByTestId('scrubber').getAttribute(name))
    const [from, to] = (await Promise.all(ends)).map(Number)
    expect([(to ?? 0) - (from ?? 0), new Date(from ?? 0).getUTCHours()]).toEqual([24 * hour, 17])
    await page.goto(`${platform.url}/#at=${iso(at)}&sensor=${shelvedThen.sensors[0]}`)
    await untilShown(at)
    const past = page.locator('[data-testid=page][data-mode=replay]')
    await vi.waitFor(async () => expect(await counts()).toEqual(['0', '1', '1', '1']), soon)
    // a hollow mark, as the map draws it
    await page.locator('[data-testid=sensor-panel] .state path.shelved').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('count-shelved').click()
    await page
      .getByTestId('shelved')
      .getByText(/Lan – đang sửa/)
      .waitFor()
    expect(await listed()).toEqual([shelvedThen.id, watchedThen.id])
    expect(await page.getByTestId('unshelve').isDisabled()).toBe(true)
    expect(await page.getByTestId('unshelve').getAttribute('title')).toMatch(/L/)
    // what waits in the present is told, as of the present
    expect(await figure(page, 'critical-now', 'data-count')).toBe(1)
    await page.locator(`[data-testid=search]`).fill(offlineThen)
    await page.locator(`[data-testid=sensor-row][data-sensor=${offlineThen}]`).click()
    await vi.waitFor(async () => expect(await freshness()).toBe('offline'), soon)
    await page.getByTestId('no-commands').waitFor()
    await page.keyboard.press('Escape')
    // played on: it comes back, and the critical one is unshelved
    await page.locator('body').press('Shift+ArrowRight')
    await page.keyboard.press('ArrowLeft')
    await untilShown(at + 9 * minute)
    await page.getByTestId('replay-play').click()
    await vi.waitFor(async () => expect(await counts()).toEqual(['1', '1', '0', '0']), soon)
    await page.getByTestId('replay-play').click()
    expect(await page.getByTestId('acknowledge').isDisabled()).toBe(true)
    // long before, nobody took note, and that is said
    await page.goto(`${platform.url}/#at=${iso(at - 12 * hour)}`)
    await untilShown(at - 12 * hour)
    await vi.waitFor(async () => expect(await counts()).toEqual(['', '', '0', '']), soon)
    await page.getByTestId('replay-unknown').waitFor()
    expect(await page.getByTestId('alerts-then').getAttribute('data-kept')).toBe('none')
    await past.waitFor()
    await page.keyboard.press('l')
    await vi.waitFor(async () => expect(await listed()).toEqual([openNow.id]), soon)
  })

  it('is all at hand on a phone, without sideways scrolling', async () => {
    await openAt(startedAt - 2 * hour, '', { width: 390, height: 844 })
    for (const hook of ['replay-badge', 'replay-play', 'scrubber', 'replay-live', 'replay-moment', 'map'])
      expect(await page.getByTestId(hook).isVisible()).toBe(true)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    await page.getByTestId('replay-live').click()
    await page.locator('[data-testid=page][data-mode=live]').waitFor()
  })
})
