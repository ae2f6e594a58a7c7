import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { influx2OfEnvironment, newBucketName, removeBucket } from '../real/influx2.ts'
import { type Influxd, influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { figure, findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'

const soon = { timeout: 30_000, interval: 100 }
const installed = influxdInstalled() && findChromium() !== undefined

/** A platform with this store, seen in a browser. */
interface Seen {
  platform: PlatformProcess
  browser: TestBrowser
  page: Page
  close(): Promise<void>
}

async function see(store: Readonly<Record<string, string>>): Promise<Seen> {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-influxdb-'))
  const env = { DATA_DIR: join(folder, 'data'), SENSORS: '200', BACKFILL_DAYS: '1', STORE: 'influxdb', ...store }
  const platform = await startPlatform(env)
  const browser = await startBrowser()
  const page = await browser.open()
  await page.goto(platform.loginUrl)
  await untilReady(page)
  return {
    ...{ platform, browser, page },
    async close() {
      await browser.close()
      await platform.stop('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What is seen on whatever InfluxDB. */
function opensAndShowsHistory(seen: () => Seen): void {
  it('opens to a map of 200 moving sensors', async () => {
    const { page } = seen()
    await vi.waitFor(async () => expect(await figure(page, 'count-fresh', 'data-count')).toBe(200), soon)
    const before = await figure(page, 'connection', 'data-readings')
    await vi.waitFor(
      async () => expect(await figure(page, 'connection', 'data-readings')).toBeGreaterThan(before),
      soon,
    )
  })

  it('shows a sensor with the history that the empty store was given', async () => {
    const { page, browser } = seen()
    await page.getByTestId('sensor-row').first().click()
    await page.getByTestId('sensor-panel').waitFor()
    await page.getByTestId('chart').locator('canvas').waitFor()
    expect(browser.complaints).toEqual([])
  })
}

describe.skipIf(!installed && !process.env.CI)('the whole platform with STORE=influxdb', () => {
  let influxd: Influxd
  let seen: Seen

  beforeAll(async () => {
    influxd = await startInfluxd()
    seen = await see({ INFLUX_URL: influxd.url })
  })
  afterAll(async () => {
    await seen?.close()
    await influxd?.close()
  })

  opensAndShowsHistory(() => seen)

  it('replays the past, says so while the store is down, and goes on when it is back', async () => {
    const { page, browser } = seen
    await page.keyboard.press('Escape')
    const status = page.getByTestId('replay-status')
    const ready = page.locator('[data-testid=replay-bar][data-stage=ready]')
    await page.getByTestId('scrubber').press('Home')
    await ready.waitFor({ timeout: 30_000 })
    expect(await figure(page, 'count-fresh', 'data-count')).toBe(200)
    const { port, dir } = influxd
    await influxd.stop('SIGKILL')
    await page.keyboard.press('Shift+ArrowRight')
    await status.getByText('Kho số liệu không trả lời').waitFor({ timeout: 60_000 })
    influxd = await startInfluxd({ port, dir })
    await ready.waitFor({ timeout: 60_000 })
    await vi.waitFor(async () => expect(await figure(page, 'count-fresh', 'data-count')).toBe(200), soon)
    await page.keyboard.press('l')
    // a store that is away is no fault of the page, which tells it in its console too
    expect(browser.complaints.splice(0).filter((text) => !/503|replay|quality|history|ERR_/.test(text))).toEqual([])
  })

  it('stops cleanly', async () => {
    expect(await seen.platform.stop()).toBe(0)
  })
})

const named = influx2OfEnvironment()
if (named)
  describe('the whole platform on the InfluxDB 2.x of TEST_INFLUX2_URL', () => {
    let seen: Seen
    const bucket = newBucketName()
    beforeAll(async () => {
      const { url, token, org } = named
      seen = await see({ INFLUX_URL: url, INFLUX_TOKEN: token, INFLUX_ORG: org, INFLUX_BUCKET: bucket })
    })
    afterAll(async () => {
      await seen?.close()
      await removeBucket(named, bucket)
    })

    opensAndShowsHistory(() => seen)
  })
