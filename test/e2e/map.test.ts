import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt, { type MqttClient } from 'mqtt'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { sunAltitude } from '#telemetry/kinds/lighting/lamp.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { addRules, heatRule } from './alert-city.ts'
import { figure, findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'
import { keepDrawing, lateMs, redInMiddle, watchPage, watchPlaces } from './page-watch.ts'

/** for tests that open several pages, on a busy machine */
const longMs = 150_000
const soon = { timeout: 30_000, interval: 200 }
/** an empty corner of the map: no other sensor is near */
const corner: [number, number] = [106.24, 11.42]

describe.skipIf(!findChromium() && !process.env.CI)('the live map', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let device: MqttClient
  let page: Page

  const open = async (hash = '', query = '') => {
    page = await browser.open()
    await page.goto(`${platform.url}/?token=${platform.adminToken}${query}${hash}`)
    await untilReady(page)
  }
  const announce = (topic: string, position: [number, number], more: Partial<SensorMeta> = {}) => {
    const id = topic.split('/')[2] ?? ''
    const meta = { name: { vi: id, en: id }, position, period: 600, freeFlowSpeed: 50, ...more }
    return device.publishAsync(`city/v1/${topic}/meta`, JSON.stringify(meta), { qos: 1, retain: true })
  }
  const say = (topic: string, values: object) =>
    device.publishAsync(`city/v1/${topic}/reading`, JSON.stringify({ ts: Date.now(), ...values }), { qos: 1 })
  const passing = (averageVehicleSpeed: number) => ({ intensity: 3, averageVehicleSpeed })
  /** Pixels in the colours of a critical mark, a warning and a notice in a square around a place of the map, px from its middle. */
  const colours = async (dx = 0, dy = 0, half = 12) => {
    const box = await page.getByTestId('map').boundingBox()
    if (!box) throw new Error('the page has no map')
    const clip = {
      x: box.x + box.width / 2 + dx - half,
      y: box.y + box.height / 2 + dy - half,
      width: 2 * half,
      height: 2 * half,
    }
    const { data } = await sharp(await page.screenshot({ clip }))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    const found = { red: 0, amber: 0, teal: 0 }
    for (let at = 0; at < data.length; at += 3) {
      const [r = 0, g = 0, b = 0] = [data[at], data[at + 1], data[at + 2]]
      if (r > 150 && g < 60 && b < 90) found.red += 1
      // a warning is darker where it is a line
      if (r > 140 && g > 80 && g < 190 && b < 60) found.amber += 1
      if (r < 60 && g > 95 && g < 160 && b > 110 && b < 170) found.teal += 1
    }
    return found
  }
  /** The pixels of a small part of the map around a place, px from its middle: red, green, blue of each. */
  const pixelsAt = async (dx: number, dy: number, { width, height }: { width: number; height: number }) => {
    const box = await page.getByTestId('map').boundingBox()
    if (!box) throw new Error('the page has no map')
    const [x, y] = [box.x + box.width / 2 + dx - width / 2, box.y + box.height / 2 + dy - height / 2]
    const { data } = await sharp(await page.screenshot({ clip: { x, y, width, height } }))
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
    return Array.from({ length: data.length / 3 }, (_, at) => [...data.subarray(3 * at, 3 * at + 3)] as const)
  }
  const isDark = (pixel: readonly number[]) => Math.max(...pixel) < 90
  const darkAt = async (dx: number, dy: number) =>
    (await pixelsAt(dx, dy, { width: 40, height: 34 })).filter(isDark).length
  /** px from the top to the bottom of the notice in the middle of the map, its edge included. */
  const noticeHeight = async () => {
    const half = 60
    const column = await pixelsAt(0, 0, { width: 1, height: 2 * half })
    const isMark = (pixel: readonly number[]) => isDark(pixel) || ((pixel[0] ?? 0) < 60 && (pixel[1] ?? 0) > 95)
    let [top, bottom] = [half, half]
    while (top > 0 && isMark(column[top - 1] ?? [])) top -= 1
    while (bottom < 2 * half && isMark(column[bottom] ?? [])) bottom += 1
    return bottom - top
  }
  const found = async () => Number.parseInt((await page.getByTestId('found').textContent()) ?? '', 10)
  const mapAt = ([lon, lat]: [number, number], zoom: number) => `#map=${zoom}/${lat}/${lon}`
  const zoomInAddress = () => Number(/map=([\d.]+)/.exec(page.url())?.[1])

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-map-'))
    browser = await startBrowser()
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '60', BACKFILL_DAYS: '1' })
    device = await mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
      ...{ protocolVersion: 4, username: 'admin', password: platform.adminToken },
    })
  })
  afterEach(async () => {
    await page.context().close()
    expect(browser.complaints.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await device?.endAsync(true)
    await browser?.close()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it(
    'shows one counter with a critical alert among many slow ones that are drawn as one, and takes them apart by a click',
    async () => {
      const condition = { type: 'congestion' as const, index: 2, hysteresis: 0.2, forSeconds: 0 }
      await addRules(platform, [
        {
          ...{ name: { vi: 'Tắc', en: 'Stands' }, enabled: true, priority: 1, notify: 'never', condition },
          scope: { kind: 'traffic', sensors: ['close-7'] },
        },
      ])
      for (let at = 0; at < 12; at++) {
        const topic = `tay-ninh/traffic/close-${at}`
        await announce(topic, [corner[0] + 0.00002 * at, corner[1]])
        await say(topic, passing(at === 7 ? 10 : 30))
      }
      await open(mapAt(corner, 12))
      await vi.waitFor(async () => expect((await colours()).red).toBeGreaterThan(20), soon)
      expect((await colours()).teal).toBe(0)
      const box = await page.getByTestId('map').boundingBox()
      await vi.waitFor(
        async () => {
          await page.mouse.click((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2)
          await vi.waitFor(() => expect(zoomInAddress()).toBeGreaterThan(13), { timeout: 5_000 })
        },
        { timeout: 40_000 },
      )
      await vi.waitFor(async () => expect((await colours(0, 0, 60)).teal).toBeGreaterThan(20), soon)
    },
    longMs,
  )

  it('never lets a sensor or a mark blink while others change from one to the other', async () => {
    const middle: [number, number] = [106.27, 11.21]
    const names = ['changing', 'jammed', 'steady'] as const
    for (const [at, name] of names.entries()) {
      const topic = `tay-ninh/traffic/${name}`
      await announce(topic, [middle[0] + 0.008 * (at - 1), middle[1]])
      await say(topic, passing(name === 'jammed' ? 9 : 50))
    }
    page = await browser.open()
    await page.addInitScript(keepDrawing)
    await page.goto(`${platform.url}/?token=${platform.adminToken}${mapAt(middle, 13)}`)
    await untilReady(page)
    await vi.waitFor(async () => expect((await colours()).teal).toBeGreaterThan(20), soon)
    let over = false
    // 0.008° are 93 px
    const watched = watchPlaces(
      page,
      [
        [-93, 0],
        [0, 0],
        [93, 0],
      ],
      4,
    ).finally(() => {
      over = true
    })
    for (let turn = 0; !over; turn++) {
      await say('tay-ninh/traffic/changing', passing(turn % 2 === 0 ? 10 : 50))
      await say('tay-ninh/traffic/steady', passing(50 + (turn % 2)))
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    const [, jammed, steady] = await watched
    expect((await watched).map(({ least }) => least)).toEqual([255, 255, 255])
    expect([jammed?.changes, steady?.changes]).toEqual([0, 0])
  })

  it('draws marks as large as they are seen from 1 m at every zoom, and from 4 m on a wall', async () => {
    const place: [number, number] = [106.28, 11.4]
    await announce('tay-ninh/traffic/sized', place)
    await say('tay-ninh/traffic/sized', passing(9))
    await open(mapAt(place, 10))
    for (const zoom of [10, 16]) {
      await page.evaluate(`location.hash = '${mapAt(place, zoom)}'`)
      // 20 minutes of arc at 1 m are 5.8 mm, of which CSS has 22 px
      await vi.waitFor(async () => expect(await noticeHeight()).toBeGreaterThanOrEqual(22), soon)
    }
    await page.setViewportSize({ width: 1920, height: 1080 })
    await page.evaluate(`location.hash = '${mapAt(place, 11)}&kiosk=1'`)
    // at 4 m they are 23 mm, on a screen of 55 inches 36 of 1,920 px
    await vi.waitFor(async () => expect(await noticeHeight()).toBeGreaterThanOrEqual(36), soon)
  })

  it('draws sensors 40 m apart, as lamps are, as two from the zoom at which sensors get the shape of their kind', async () => {
    const place: [number, number] = [106.28, 11.46]
    // 40 m at this latitude, to the east
    const next: [number, number] = [place[0] + 40 / 109_040, place[1]]
    for (const [at, where] of [place, next].entries()) {
      await announce(`tay-ninh/traffic/apart-${at}`, where)
      await say(`tay-ninh/traffic/apart-${at}`, passing(50))
    }
    await open(mapAt([(place[0] + next[0]) / 2, place[1]], 14), '&lang=en')
    // their middles are 4 px to either side of that of the map
    const lightest = async (dx: number, width: number) =>
      Math.max(...(await pixelsAt(dx, 0, { width, height: 1 })).map((pixel) => Math.max(...pixel)))
    await vi.waitFor(async () => expect(await lightest(-4, 1)).toBeLessThan(150), soon)
    expect(await lightest(4, 1)).toBeLessThan(150)
    expect(await lightest(0, 3)).toBeGreaterThan(170)
  })

  it('colours the road around a jammed counter, until its layer is switched off', async () => {
    // on the straight of National Road 22B between two of its corners, and a place 300 m further on
    const road: [[number, number], [number, number]] = [
      [106.05, 11.37],
      [106.04, 11.41],
    ]
    const on = (share: number): [number, number] => [
      road[0][0] + share * (road[1][0] - road[0][0]),
      road[0][1] + share * (road[1][1] - road[0][1]),
    ]
    await announce('tay-ninh/traffic/on-road', on(0.7), { road: 'ql22b' })
    await say('tay-ninh/traffic/on-road', passing(8))
    await open(mapAt(on(0.77), 15))
    await vi.waitFor(async () => expect((await colours()).amber).toBeGreaterThan(20), soon)
    await page.locator('[data-layer=traffic]').click()
    await vi.waitFor(async () => expect((await colours()).amber).toBe(0), soon)
    expect(page.url()).toContain('layers=lighting')
    await say('tay-ninh/traffic/on-road', passing(50))
    await page.locator('[data-layer=traffic]').click()
    await vi.waitFor(async () => expect((await colours()).amber).toBe(0), soon)
    await say('tay-ninh/traffic/on-road', passing(9))
    await vi.waitFor(async () => expect((await colours()).amber).toBeGreaterThan(20), soon)
  })

  it('marks the sensor of an alert although its reading alone is nothing, and says so in header, rail, list and filter, until the alert is over', async () => {
    const place: [number, number] = [106.26, 11.24]
    const station = 'tay-ninh/air-quality/hot-station'
    await addRules(platform, [heatRule({ vi: 'Rất nóng', en: 'Very hot' }, 1, 60)])
    await announce(station, place)
    await say(station, { temperature: 20 })
    await open(mapAt(place, 15))
    expect((await colours()).red).toBe(0)
    const critical = page.getByTestId('count-critical')
    await say(station, { temperature: 70 })
    await vi.waitFor(async () => expect((await colours()).red).toBeGreaterThan(20), soon)
    const marked = (label: string) =>
      page.locator(`[data-sensor=hot-station] svg[aria-label="${label}"]`).waitFor({ timeout: 30_000 })
    await page.getByTestId('search').fill('hot-station')
    await marked('Nghiêm trọng')
    await page.getByTestId('search').fill('')
    await page.getByTestId('state').selectOption('critical')
    const rows = page.getByTestId('sensor-row')
    const listed = () =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll('[data-testid=sensor-row]')].map((row) => row.dataset.sensor)`,
      )
    await vi.waitFor(async () => {
      expect(await listed()).toContain('hot-station')
      expect(Number(await critical.getAttribute('data-count'))).toBeGreaterThan(0)
    }, soon)
    // the header's figure opens the rail with these alone, pressed again with all
    await critical.click()
    const only = page.getByTestId('only-severity')
    await only.waitFor()
    const rail = page.getByTestId('alert-rail')
    const priorities = () =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll('[data-testid=alert-rail] [data-testid=alert]')].map((row) => row.dataset.priority)`,
      )
    await vi.waitFor(async () => {
      const shown = await priorities()
      expect(new Set(shown)).toEqual(new Set(['1']))
      expect(await critical.getAttribute('data-count')).toBe(String(shown.length))
    }, soon)
    expect(await rail.locator('h2:focus').count()).toBe(1)
    await critical.click()
    await only.waitFor({ state: 'detached' })
    expect((await colours()).red).toBeGreaterThan(20)
    for (const [language, words] of Object.entries({
      EN: ['Critical', 'active alert ◆1'],
      VI: ['Nghiêm trọng', 'cảnh báo ◆1'],
    })) {
      await page.getByTestId('language').getByText(language, { exact: true }).click()
      await page
        .getByTestId('legend')
        .getByText(words[1] ?? '')
        .waitFor()
      expect(await rows.first().locator('svg').getAttribute('aria-label')).toBe(words[0])
    }
    await page.getByTestId('search').fill('hot-station')
    await page.getByTestId('state').selectOption('')
    await say(station, { temperature: 20 })
    await vi.waitFor(async () => expect((await colours()).red).toBe(0), soon)
    await marked('Chất lượng không khí')
    await page.getByTestId('search').fill('')
    await page.getByTestId('state').selectOption('critical')
    await vi.waitFor(async () => {
      expect(await listed()).not.toContain('hot-station')
    }, soon)
  })

  it('marks a lamp that is dark at night and one that burns by day, by the sun over each', async () => {
    const now = Date.now()
    const longitudes = Array.from({ length: 36 }, (_, at) => -175 + 10 * at)
    const by = (best: (a: number, b: number) => boolean) =>
      longitudes.reduce((held, lon) => (best(sunAltitude([lon, 0], now), sunAltitude([held, 0], now)) ? lon : held))
    const midnight = by((a, b) => a < b)
    const noon = by((a, b) => a > b)
    // places around the world belong to no district of the city, which refuses what stands too far away
    for (const [id, lon, power] of [
      ['dark-at-night', midnight, 0],
      ['lit-at-night', midnight, 100],
      ['dark-by-day', noon, 0],
      ['lit-by-day', noon, 100],
    ] as const) {
      await announce(`elsewhere/lighting/${id}`, [lon, 0], { nominalPower: 100 })
      await say(`elsewhere/lighting/${id}`, { powerState: 'on', activePower: power, illuminanceLevel: 1 })
    }
    await open('#kinds=lighting&state=abnormal')
    const rows = page.getByTestId('sensor-row')
    await page.getByTestId('search').fill('night')
    await vi.waitFor(async () => expect(await rows.allTextContents()).toHaveLength(1), soon)
    expect(await rows.first().getAttribute('data-sensor')).toBe('dark-at-night')
    await page.getByTestId('search').fill('by day')
    await vi.waitFor(async () => expect(await rows.first().getAttribute('data-sensor')).toBe('lit-by-day'), soon)
    expect(await rows.count()).toBe(1)
  })

  it('shows every station with its hourly VN_AQI as of the last full hour, or a dash and the reason', async () => {
    const place: [number, number] = [106.29, 11.2]
    await announce('tay-ninh/air-quality/new-station', place)
    await say('tay-ninh/air-quality/new-station', { pm25: 12 })
    await open(mapAt(place, 11))
    expect(await page.getByTestId('vn-aqi').count()).toBe(0)
    const dark = await darkAt(0, -32)
    await page.locator('[data-layer=air-quality]').click()
    // 60 sensors, a fifth of them stations, with a day of history
    await vi.waitFor(async () => expect(await figure(page, 'vn-aqi', 'data-stations')).toBe(12), soon)
    expect(await page.getByTestId('vn-aqi').textContent()).toMatch(/VN_AQI.*\d\d:00:00/)
    await page.getByTestId('aqi-legend').getByText('0–50: Tốt').waitFor()
    // the edge of a station beside its sensor, and the dash inside
    await vi.waitFor(async () => expect(await darkAt(0, -32)).toBeGreaterThan(dark + 60), soon)
    await page.getByTestId('stations').locator('summary').click()
    const row = page.locator('[data-station=new-station]')
    await vi.waitFor(async () => expect(await row.textContent()).toMatch(/–.*không có số liệu trong 12 giờ qua/s), soon)
    await vi.waitFor(async () => expect(await page.locator('[data-station]').count()).toBeGreaterThan(12), soon)
    await page.getByTestId('language').getByText('EN', { exact: true }).click()
    await vi.waitFor(async () => expect(await row.textContent()).toMatch(/–.*no readings in the last 12 hours/s), soon)
    await row.getByRole('button').click()
    await page.getByTestId('sensor-panel').waitFor()
    expect(await page.getByTestId('sensor-panel').getAttribute('data-sensor')).toBe('new-station')
  })

  it('narrows map, list and figures by ward, kind and state, says so when nothing is left, and shows all again by one press', async () => {
    await open()
    const all = await found()
    await page.getByTestId('ward').selectOption('long-hoa')
    await vi.waitFor(async () => expect(await found()).toBeLessThan(all), soon)
    const inWard = await found()
    await page.locator('[data-kind=traffic]').click()
    await vi.waitFor(async () => expect(await found()).toBeLessThan(inWard), soon)
    await page.getByTestId('state').selectOption('offline')
    await page.getByTestId('none-found').getByRole('button').click()
    await vi.waitFor(async () => expect(await found()).toBe(all), soon)
    expect(page.url()).not.toMatch(/ward=|state=|kinds=/)
  })

  it(
    'is the same for who gets its address: place, layers, filters, selection and language',
    async () => {
      await open('#map=13.2/11.3/106.12', '&lang=en')
      await page.locator('[data-layer=air-quality]').click()
      await page.locator('[data-kind=lighting]').click()
      await page.getByTestId('ward').selectOption('tan-ninh')
      await page.getByTestId('state').selectOption('normal')
      await page.getByTestId('search').fill('counter')
      await page.getByTestId('sensor-row').first().click()
      const id = await page.getByTestId('sensor-panel').getAttribute('data-sensor')
      const address = page.url()
      await page.context().close()

      page = await browser.open({ locale: 'vi-VN' })
      await page.goto(`${platform.url}/?token=${platform.adminToken}`)
      await untilReady(page)
      await page.goto('about:blank')
      await page.goto(address)
      await untilReady(page)
      expect(page.url()).toBe(address)
      expect(await page.locator('html').getAttribute('lang')).toBe('en')
      expect(await page.getByTestId('sensor-panel').getAttribute('data-sensor')).toBe(id)
      expect(await page.locator('[data-layer=air-quality]').getAttribute('aria-pressed')).toBe('true')
      await page.keyboard.press('Escape')
      expect(await page.locator('[data-kind=lighting]').getAttribute('aria-pressed')).toBe('false')
      expect(await page.getByTestId('ward').inputValue()).toBe('tan-ninh')
      expect(await page.getByTestId('state').inputValue()).toBe('normal')
      expect(await page.getByTestId('search').inputValue()).toBe('counter')
    },
    longMs,
  )

  it('is moved by keys, opens by Enter what stands in its middle, and goes home', async () => {
    await announce('tay-ninh/traffic/alone', [106.26, 11.25])
    await say('tay-ninh/traffic/alone', passing(50))
    await open(mapAt([106.26, 11.25], 15))
    await vi.waitFor(async () => expect(await page.getByTestId('map').locator('canvas').count()).toBe(1), soon)
    await page.getByTestId('map').locator('canvas').focus()
    await vi.waitFor(async () => {
      await page.keyboard.press('Enter')
      expect(page.url()).toContain('sensor=alone')
    }, soon)
    await page.getByTestId('sensor-panel').waitFor()
    await page.keyboard.press('Escape')
    await page.getByTestId('map').locator('canvas').focus()
    const before = page.url()
    await page.keyboard.press('ArrowRight')
    await vi.waitFor(() => expect(page.url()).not.toBe(before), soon)
    await page.keyboard.press('Home')
    await vi.waitFor(() => expect(zoomInAddress()).toBeLessThan(12), soon)
  })

  it('glides nearer at a press, and jumps for who asked for less motion', async () => {
    await open(mapAt([106.26, 11.25], 12))
    await vi.waitFor(async () => expect(await page.getByTestId('map').locator('canvas').count()).toBe(1), soon)
    // a glide takes 200 ms, and the address tells when the map has arrived
    const arrivesAtOnce = () =>
      page.evaluate<boolean>(`(async () => {
        const before = location.href
        document.querySelector('button[aria-label="Phóng to"]').click()
        for (let turn = 0; turn < 20; turn++) await undefined // and no frame in between
        return location.href !== before
      })()`)
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    const before = page.url()
    expect(await arrivesAtOnce()).toBe(false)
    await vi.waitFor(() => expect(page.url()).not.toBe(before), soon)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    expect(await arrivesAtOnce()).toBe(true)
  })

  it('turns a muted sensor hollow within 1 s of its own deadline, three periods after its last reading, and not before', async () => {
    const place: [number, number] = [106.27, 11.44]
    const topic = 'tay-ninh/traffic/muted'
    await announce(topic, place, { period: 2 })
    page = await browser.open()
    await page.addInitScript(`localStorage.setItem('nhip-theme', 'light'); ${keepDrawing}`)
    await page.goto(`${platform.url}/?token=${platform.adminToken}${mapAt(place, 15)}&sensor=muted`)
    await untilReady(page)
    const ts = Date.now()
    await say(topic, { ts, ...passing(50) })
    await watchPage(page, `${redInMiddle} < 140`)
    const panel = `document.querySelector('[data-testid=sensor-panel] [data-freshness=stale]')`
    const [hollow, told] = await Promise.all([
      watchPage(page, `${redInMiddle} > 180`),
      watchPage(page, `${panel} !== null`),
    ])
    const deadline = ts + 3 * 2_000
    for (const seen of [hollow, told]) {
      expect(seen.at).toBeGreaterThan(deadline)
      expect(lateMs(seen, deadline)).toBeLessThanOrEqual(1_000)
    }
  })

  it('shows after a silence of the server what was measured during it', async () => {
    const topic = 'tay-ninh/air-quality/meanwhile'
    await announce(topic, [106.2, 11.2])
    await say(topic, { pm25: 11 })
    await open('#sensor=meanwhile')
    const pm25 = page.getByTestId('sensor-panel').locator('[data-value=pm25] dd')
    await vi.waitFor(async () => expect(await pm25.textContent()).toContain('11,0'), soon)
    platform.process.kill('SIGSTOP')
    let sent: Promise<unknown>
    try {
      await page.getByTestId('banner').waitFor({ timeout: 10_000 })
      sent = say(topic, { pm25: 22 })
    } finally {
      platform.process.kill('SIGCONT')
    }
    await sent
    await vi.waitFor(async () => expect(await pm25.textContent()).toContain('22,0'), soon)
    await page.getByTestId('banner').waitFor({ state: 'detached' })
  })
})
