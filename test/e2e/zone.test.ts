import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { zoneOf } from '../../dashboard/src/zone.ts'
import { type PlatformProcess, startPlatform } from '../platform-process.ts'
import { findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'

const soon = { timeout: 30_000, interval: 200 }
const timeZone = 'Europe/Berlin'
const shown = (at: number, zone: string) =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at)

describe.skipIf(!findChromium() && !process.env.CI)('a page of a city in another zone', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let page: Page

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-zone-'))
    browser = await startBrowser()
    platform = await startPlatform({
      ...{ DATA_DIR: join(folder, 'data'), SENSORS: '30', BACKFILL_DAYS: '1', TIME_ZONE: timeZone },
    })
    page = await browser.open({ height: 1_200 })
    await page.addInitScript(`localStorage.setItem('nhip-language', 'en')`)
    await page.goto(`${platform.url}/?token=${platform.adminToken}#sensor=tay-ninh-air-quality-001`)
    await untilReady(page)
  })
  afterAll(async () => {
    await browser?.close()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('has a clock of that zone, and says so', async () => {
    const clock = page.getByTestId('clock')
    expect(await clock.getAttribute('title')).toContain(timeZone)
    await vi.waitFor(async () => {
      const text = `${await clock.textContent()}`.slice(0, 5)
      const now = Date.now()
      expect([shown(now, timeZone), shown(now - 5_000, timeZone)]).toContain(text)
    }, soon)
  })

  it('marks the hours of a replay at local midnight and every three hours from there', async () => {
    const hours = await page.locator('[data-testid=replay-bar] .hours span').allTextContents()
    expect(hours.length).toBeGreaterThanOrEqual(7)
    expect(hours).toContain('00:00')
    expect(hours.filter((text) => !/^(00|03|06|09|12|15|18|21):00$/.test(text))).toEqual([])
  })

  it('writes and reads moments as that zone does', async () => {
    await page.goto(`${platform.url}/?lang=en#view=trail`)
    const rows = page.locator('[data-testid=trail] tbody tr')
    await rows.first().waitFor()
    const [, hour] = /(\d\d):\d\d:\d\d/.exec(`${await rows.first().locator('time').textContent()}`) ?? []
    expect([0, 120_000].map((ago) => shown(Date.now() - ago, timeZone).slice(0, 2))).toContain(hour)
    const { fieldOf } = zoneOf(timeZone)
    await page.getByLabel('From').fill(fieldOf(Date.now() + 120_000))
    await page.getByRole('button', { name: 'Show' }).click()
    await rows.first().waitFor({ state: 'detached' })
    await page.getByLabel('From').fill(fieldOf(Date.now() - 600_000))
    await page.getByRole('button', { name: 'Show' }).click()
    await rows.first().waitFor()
    expect(browser.complaints).toEqual([])
  })
})
