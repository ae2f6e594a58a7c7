import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { alertsResponse } from '#telemetry/alert-rest.ts'
import { languages } from '#telemetry/language.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { type AlertCity, addRules, connectCity, heatRule } from './alert-city.ts'
import { findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'
import { handOverShift, overrideLamps } from './happenings.ts'
import { layoutFaults } from './layout-faults.ts'
import { type SilencedSensors, silenceSensors } from './silenced-sensors.ts'
import { openView, silencedViews, type View, views } from './views.ts'

const soon = { timeout: 30_000, interval: 200 }
const topicRoot = 'city/v1/tay-ninh/air-quality'
/** one word as long as a name may be */
const longName = 'W'.repeat(120)
/** Screens in CSS px; one of 1920 × 1080 at 200 % is half as large. */
const screens = {
  'a small screen': { width: 1024, height: 768 },
  'a notebook': { width: 1366, height: 768 },
  'a desk': { width: 1920, height: 1080 },
  'a wall': { width: 3840, height: 2160 },
  'a phone': { width: 390, height: 844 },
  '200 %': { width: 960, height: 540 },
} as const
/** Alerts of the rail that are seen whole, without scrolling. */
const seenAlerts = `[...document.querySelectorAll('[data-testid=alert-rail] [data-testid=alert]')].filter((row) => {
  const { left, top, right, bottom } = row.getBoundingClientRect()
  return [top + 2, bottom - 2].every((y) => row.contains(document.elementFromPoint((left + right) / 2, y)))
}).length`
/** px by which the list of all sensors is wider than what shows it */
const tableOverhang = `(() => {
  const stage = document.querySelector('main table[data-testid=sensor-list]').closest('.stage')
  return stage.scrollWidth - stage.clientWidth
})()`

const wideView = (name: string): View => {
  const view = views.find((one) => one.name === name)
  if (!view) throw new Error(`there is no view ${name}`)
  return view
}

describe.skipIf(!findChromium() && !process.env.CI)('on a screen of any size', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let client: MqttClient
  let city: AlertCity
  let silent: SilencedSensors
  /** the page that walks through the views */
  let walker: Page

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
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '12', BACKFILL_DAYS: '0' })
    silent = await silenceSensors(platform)
    await handOverShift(platform)
    await overrideLamps(platform)
    city = await connectCity(platform)
    await addRules(platform, [heatRule({ vi: 'Nhiệt độ vượt mức cho phép', en: 'Temperature above the limit' }, 1, 45)])
    await city.measure(['hot-1', 'hot-2'], 50)
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
        const alerts = await answer.text()
        for (const id of ['ahead-1', 'hot-1', 'hot-2']) expect(alerts).toContain(id)
      },
      { timeout: 30_000, interval: 500 },
    )
    // refused, and long
    await say(
      'long-1',
      'reading',
      Array.from({ length: 900 }, () => ({ ts: 1 })),
    )
    walker = await browser.open(screens['a notebook'])
  }, 60_000)
  afterAll(async () => {
    await silent?.close()
    await city?.close()
    await client?.endAsync()
    await browser?.close()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  /** Faults of the view that is shown, on every screen. */
  const faultsOnScreens = async (view: View): Promise<string[]> => {
    const faults: string[] = []
    for (const [screen, size] of Object.entries(screens)) {
      await walker.setViewportSize(size)
      const found = await layoutFaults(walker)
      if (['live-map', 'wall-display'].includes(view.name) && (await walker.evaluate<number>(seenAlerts)) < 2)
        found.push('of two alerts that are open not both are seen')
      if (view.name === 'table' && (await walker.evaluate<number>(tableOverhang)) > 0)
        found.push('the list of sensors is wider than its place')
      faults.push(...found.map((fault) => `${screen}: ${fault}`))
    }
    return faults
  }

  it.each([...views, ...silencedViews])('nothing is cut, covered or too small to press: $name', async (view) => {
    const isFixed = view.isModal === true || view.name === 'wall-display'
    await walker.setViewportSize(screens['a notebook'])
    await openView(walker, platform.url, view, { language: 'vi', theme: 'light' }, platform.adminToken)
    expect(await faultsOnScreens(view)).toEqual([])
    await walker.setViewportSize(screens['a notebook'])
    // nothing can be switched behind a dialog, or on a wall
    if (isFixed) await openView(walker, platform.url, view, { language: 'en', theme: 'light' }, platform.adminToken)
    else await walker.getByRole('button', { name: 'EN', exact: true }).click()
    expect(await faultsOnScreens(view)).toEqual([])
  })

  it('but faults that were put there are found', async () => {
    await openView(walker, platform.url, wideView('rules'), { language: 'vi', theme: 'light' }, platform.adminToken)
    // the page's policy lets no markup bring a style, scripts may set one
    await walker.evaluate(`{
      const put = (into, tag, text, style) => {
        const element = into.appendChild(document.createElement(tag))
        element.textContent = text
        element.style.cssText = style
        return element
      }
      const page = document.querySelector('[data-testid=section-rules]')
      page.scrollTop = 0
      const top = page.insertBefore(document.createElement('div'), page.firstChild)
      put(top, 'p', 'a text that is too long', 'width:60px;overflow:hidden;white-space:nowrap')
      put(top, 'button', 'x', 'width:20px;min-width:0')
      const two = put(top, 'div', '', 'position:relative')
      put(two, 'button', 'below', 'width:90px')
      put(two, 'button', 'above', 'position:absolute;left:30px')
      put(top, 'p', 'left of it all', 'position:absolute;left:-90px;top:90px')
      const row = put(put(put(top, 'table', '', 'table-layout:fixed;width:80px'), 'tbody', '', ''), 'tr', '', '')
      for (const cell of ['A station', 'b']) put(row, 'td', cell, '')
    }`)
    const faults = (await layoutFaults(walker)).join('\n')
    for (const words of [
      'a text that is too long is cut off at the side',
      'x is only 20',
      'covered by',
      'lies over',
      'left of it all',
      'the first column has',
    ])
      expect(faults).toContain(words)
  })

  it('the header stays one row, in both languages and whatever it counts', async () => {
    const page = await open('', { width: 960 })
    await untilReady(page)
    for (const language of languages) {
      await page.getByRole('button', { name: language.toUpperCase(), exact: true }).click()
      for (const width of [1920, 1680, 1440, 1366, 1280, 1024, 960]) {
        await page.setViewportSize({ width, height: 900 })
        const taken = await page.evaluate<{
          height: number
          outside: number
          words: string
        }>(`new Promise((resolve) => {
          for (const figure of document.querySelectorAll('header dd, header .alerts b')) figure.textContent = '888'
          document.querySelector('[data-testid=latency]').textContent = '59,9 s'
          const look = () => {
            const parts = [...document.querySelectorAll('header > *, header dd, header .alerts b')]
            const outside = parts.filter((part) => part.getBoundingClientRect().right > innerWidth).length
            const header = document.querySelector('header')
            resolve({ height: header.offsetHeight, outside, words: header.dataset.drops })
          }
          requestAnimationFrame(() => requestAnimationFrame(look))
        })`)
        expect(taken.height, `${language} ${width}`).toBeLessThan(50)
        expect(taken.outside, `${language} ${width}`).toBe(0)
      }
    }
    await page.context().close()
  })

  it.each(['quarantine', 'alerts', 'devices'])(
    'a long cell leaves the other columns of a table their room: %s',
    async (view) => {
      const page = await open(`#view=${view}`)
      await vi.waitFor(async () => expect(await page.locator('main tbody tr').count()).toBeGreaterThan(0), soon)
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 900 })
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
      }
      await page.context().close()
    },
  )

  it('a name of one long word leaves the button that closes the panel in sight', async () => {
    const page = await open('#sensor=long-1')
    const close = page.getByTestId('sensor-panel').getByRole('button').first()
    await vi.waitFor(async () => expect(await page.locator('#panel-name').textContent()).toBe(longName), soon)
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 })
      const box = await close.boundingBox()
      expect((box?.x ?? width) + (box?.width ?? 0)).toBeLessThanOrEqual(width)
    }
    await page.context().close()
  })

  it('on a wall nothing can be pressed, nothing that is read stays small, and the legend is one line', async () => {
    const page = await open('#kiosk=1')
    await untilReady(page)
    await page.getByTestId('alert-rail').locator('[data-row]').first().waitFor(soon)
    await page.getByTestId('legend-line').waitFor()
    for (const [width, height, least] of [
      [1440, 900, 17],
      [1920, 1080, 17],
      [3840, 2160, 34],
    ] as const) {
      await page.setViewportSize({ width, height })
      const [small, pressable, lines, said, severities] = await page.evaluate<
        [string[], string[], number, number, number]
      >(`(() => {
        const seen = [...document.querySelectorAll('header *, aside *, footer *')].filter((element) => element.checkVisibility())
        const read = seen.filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
        const legend = document.querySelector('[data-testid=legend-line]')
        const items = [...legend.children].filter((item) => item.checkVisibility())
        const words = [...document.querySelectorAll('header .alerts .word')]
        return [
          read.filter((element) => Number.parseFloat(getComputedStyle(element).fontSize) < ${least}).map((element) => element.textContent),
          [...document.querySelectorAll('button, a[href], input, select, summary')].filter((element) => element.checkVisibility()).map((element) => element.outerHTML),
          new Set(items.map((item) => Math.round(item.getBoundingClientRect().top))).size,
          words.filter((word) => word.offsetWidth > 1).length,
          words.length,
        ]
      })()`)
      expect(small, `${width}`).toEqual([])
      expect(pressable, `${width}`).toEqual([])
      expect(lines, `${width}`).toBe(1)
      // a shape alone says little from afar
      if (width >= 1920) expect([said, severities > 2], `${width}`).toEqual([severities, true])
    }
    await page.context().close()
  })

  it('the numbers of what happened to an alert stand in the room before it, on a phone too', async () => {
    const page = await open('#view=alerts', { width: 390, height: 844 })
    await page.locator('[data-testid=history-row] [aria-expanded]').first().click()
    await page.getByTestId('alert-life').waitFor(soon)
    const [padding, number, text, outside] = await page.evaluate<number[]>(`(() => {
      const list = document.querySelector('[data-testid=alert-life]')
      const style = getComputedStyle(list)
      const pen = new OffscreenCanvas(1, 1).getContext('2d')
      pen.font = style.font
      const padding = Number.parseFloat(style.paddingLeft)
      return [padding, pen.measureText('888. ').width, list.clientWidth - padding, list.getBoundingClientRect().right - innerWidth]
    })()`)
    expect(padding).toBeGreaterThanOrEqual(number ?? Number.POSITIVE_INFINITY)
    expect(text).toBeGreaterThan(200)
    expect(outside).toBeLessThanOrEqual(0)
    await page.context().close()
  })

  describe('while an alert of a sensor is shelved', () => {
    beforeAll(async () => {
      const ask = async (path: string, body?: object) => {
        const headers = { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' }
        const answer = await fetch(`${platform.url}/api/v1${path}`, {
          ...(body && { method: 'POST', body: JSON.stringify(body) }),
          headers,
        })
        if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
        return answer.json()
      }
      const { alerts } = alertsResponse.parse(await ask('/alerts'))
      const ids = alerts.flatMap(({ id, sensors }) => (sensors.includes('hot-2') ? [id] : []))
      await ask('/alerts/shelve', { ids, minutes: 60, comment: 'đang sửa' })
    })

    it.each(languages)('the row of its state is whole in its panel: %s', async (language) => {
      const page = await open('#sensor=hot-2', { language })
      const state = page.getByTestId('sensor-panel').locator('.state')
      await state.locator('path.shelved').waitFor(soon)
      for (const { width, height } of Object.values(screens)) {
        await page.setViewportSize({ width, height })
        const outside = await page.evaluate<string[]>(`(() => {
          const row = document.querySelector('[data-testid=sensor-panel] .state')
          const border = row.getBoundingClientRect()
          return [...row.children].filter((part) => {
            const { left, right, top, bottom } = part.getBoundingClientRect()
            return left < border.left || right > border.right || top < border.top || bottom > border.bottom
          }).map((part) => part.textContent)
        })()`)
        expect(outside, `${width}`).toEqual([])
        expect((await layoutFaults(page)).filter((fault) => !fault.includes(longName))).toEqual([])
      }
      await page.context().close()
    })
  })
})
