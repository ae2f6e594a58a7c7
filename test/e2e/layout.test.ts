import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { languages } from '#telemetry/language.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'

const soon = { timeout: 30_000, interval: 200 }
const topicRoot = 'city/v1/tay-ninh/air-quality'
/** one word as long as a name may be */
const longName = 'W'.repeat(120)

describe.skipIf(!findChromium() && !process.env.CI)('the room that texts of outside take', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let client: MqttClient

  const open = async (
    hash: string,
    { language = 'vi' as (typeof languages)[number], width = 1440, height = 900 } = {},
  ) => {
    const page = await browser.open({ width, height })
    await page.addInitScript(`localStorage.setItem('nhip-language', '${language}')`)
    await page.goto(`${platform.url}/?token=${platform.adminToken}${hash}`)
    return page
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-layout-'))
    browser = await startBrowser()
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '0', BACKFILL_DAYS: '0' })
    client = await mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
      ...{ protocolVersion: 4, username: 'admin', password: platform.adminToken },
    })
    const say = (id: string, channel: string, body: object) =>
      client.publishAsync(`${topicRoot}/${id}/${channel}`, JSON.stringify(body), { qos: 1, retain: channel === 'meta' })
    await say('long-1', 'meta', { name: { vi: longName, en: longName }, position: [106.1, 11.3], period: 60 })
    await say('long-1', 'reading', { ts: Date.now(), pm25: 20 })
    await say('ahead-1', 'meta', { name: { vi: longName, en: longName }, position: [106.11, 11.3], period: 60 })
    // as a device does, again and again: alerts may begin to watch after the first
    await vi.waitFor(
      async () => {
        await say('ahead-1', 'reading', { ts: Date.now() + 25_200_000, pm25: 20 })
        const answer = await fetch(`${platform.url}/api/v1/alerts`, {
          headers: { authorization: `Bearer ${platform.adminToken}` },
        })
        expect(await answer.text()).toContain('ahead-1')
      },
      { timeout: 30_000, interval: 500 },
    )
    // refused, and long
    await say(
      'long-1',
      'reading',
      Array.from({ length: 900 }, () => ({ ts: 1 })),
    )
  }, 60_000)
  afterAll(async () => {
    await client?.endAsync()
    await browser?.close()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it.each([1280, 1366, 1440, 1680, 1920])(
    'the header stays one row %i px wide, in both languages and whatever it counts',
    async (width) => {
      for (const language of languages) {
        const page = await open('', { width, language })
        await untilReady(page)
        const taken = await page.evaluate<{ height: number; outside: number }>(`(() => {
        for (const figure of document.querySelectorAll('header dd, header .alerts b')) figure.textContent = '8.888'
        document.querySelector('[data-testid=latency]').textContent = '59,9 s'
        const parts = [...document.querySelectorAll('header > *, header dd, header .alerts b')]
        const outside = parts.filter((part) => part.getBoundingClientRect().right > innerWidth).length
        return { height: document.querySelector('header').offsetHeight, outside }
      })()`)
        expect(taken.height, language).toBeLessThan(50)
        expect(taken.outside, language).toBe(0)
        await page.context().close()
      }
    },
  )

  it.each(['quarantine', 'alerts', 'devices'])(
    'a long cell leaves the other columns of a table their room: %s',
    async (view) => {
      for (const width of [1440, 390]) {
        const page = await open(`#view=${view}`, { width })
        await vi.waitFor(async () => expect(await page.locator('main tbody tr').count()).toBeGreaterThan(0), soon)
        const columns = await page.evaluate<[string, number, number][]>(
          `[...document.querySelectorAll('main thead th')].map((head) => [head.textContent, head.offsetWidth, head.scrollWidth])`,
        )
        for (const [name, room, needed] of columns) {
          expect(room, name).toBeGreaterThanOrEqual(60)
          expect(needed, name).toBeLessThanOrEqual(room)
        }
        const rows = await page.evaluate<number[]>(
          `[...document.querySelectorAll('main tbody tr')].map((row) => row.offsetHeight)`,
        )
        expect(Math.max(...rows)).toBeLessThan(260)
        await page.context().close()
      }
    },
  )

  it('a name of one long word leaves the button that closes the panel in sight', async () => {
    for (const width of [1440, 390]) {
      const page = await open('#sensor=long-1', { width })
      const close = page.getByTestId('sensor-panel').getByRole('button').first()
      await close.waitFor()
      await vi.waitFor(async () => expect(await page.locator('#panel-name').textContent()).toBe(longName), soon)
      const box = await close.boundingBox()
      expect((box?.x ?? width) + (box?.width ?? 0)).toBeLessThanOrEqual(width)
      await page.context().close()
    }
  })

  it('on a wall nothing that is read stays small', async () => {
    const page = await open('#kiosk=1')
    await untilReady(page)
    await page.getByTestId('alert-rail').locator('[data-row]').first().waitFor(soon)
    const small = await page.evaluate<string[]>(`[...document.querySelectorAll('header *, aside *')]
      .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
      .filter((element) => element.checkVisibility() && Number.parseFloat(getComputedStyle(element).fontSize) < 17)
      .map((element) => element.textContent)`)
    expect(small).toEqual([])
    await page.context().close()
  })
})
