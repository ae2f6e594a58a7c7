import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { zoneOf } from '../../dashboard/src/i18n/zone.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'

const soon = { timeout: 30_000, interval: 200 }
const dayMs = 86_400_000
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

  it.each([
    ['en', 'partial', 'to'],
    ['vi', 'chưa trọn', 'đến'],
  ])('draws days from local midnight, and marks one that is not over: %s', async (language, partial, to) => {
    await page.locator(`[data-language=${language}]`).click()
    await page.locator(`[data-language=${language}][aria-pressed=true]`).waitFor()
    await page.locator('button[data-range="24h"]').click()
    // the first five minutes of the span and the last ones
    await page.locator('[data-testid=chart][data-stage=drawn][data-range="24h"]:not([data-partial="0"])').waitFor()
    if (process.env.LOOK) await page.screenshot({ path: `${process.env.LOOK}/partial-day-${language}.png` })
    await page.locator('button[data-range="30d"]').click()
    await page.locator('[data-testid=chart][data-stage=drawn][data-range="30d"]:not([data-partial="0"])').waitFor()
    const words = `${await page.getByTestId('partial').textContent()}`
    expect(words).toMatch(new RegExp(`${partial}: .*00:00:00.* ${to} `))
    // the day before begins at local midnight too; the pointer tells so
    const box = await page.locator('[data-testid=chart] .u-over').boundingBox()
    if (!box) throw new Error('the chart has no place')
    const readout = page.locator('.readout')
    const now = Date.now()
    const midnight =
      zoneOf(timeZone)
        .multiples(now - dayMs, now, dayMs)
        .at(-1) ?? now
    // at the point of today, left of the live ones
    await page.mouse.move(box.x + box.width * (1 - (now - midnight) / (30 * dayMs)) - 1, box.y + box.height / 2)
    const ofToday = new RegExp(`00:00:00.*\\(${partial}\\)`, 's')
    await vi.waitFor(async () => expect(await readout.textContent()).toMatch(ofToday), soon)
    if (process.env.LOOK) await page.screenshot({ path: `${process.env.LOOK}/partial-month-${language}.png` })
    await page.mouse.move(box.x + 2, box.y + box.height / 2)
    await vi.waitFor(async () => expect(await readout.textContent()).not.toContain(`(${partial})`), soon)
    expect(await readout.textContent()).toContain('00:00:00')
    await page.mouse.move(2, 2)
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
