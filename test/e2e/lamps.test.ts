import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { sunAltitude } from '#telemetry/kinds/lighting/lamp.ts'
import { sensorTopic } from '#telemetry/topics.ts'
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { addRules } from './alert-city.ts'
import { figure, findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'

const soon = { timeout: 30_000, interval: 100 }

describe.skipIf(!findChromium() && !process.env.CI)('lamps on the operator’s screen', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let page: Page
  /** takes what is sent about alerts */
  let receiver: AnsweringServer
  /** names of the lamps that did not obey */
  let failing: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-lamps-'))
    browser = await startBrowser()
    // more deaf lamps than in an ordinary city, so that every group has some
    receiver = await startAnsweringServer(() => ({ status: 204 }))
    const notify = {
      NOTIFY_WEBHOOK_URL: `${receiver.url}/hook`,
      NOTIFY_WEBHOOK_SECRET: 'signs what is posted',
      NOTIFY_LANGUAGE: 'en',
    }
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '100', DEAF_LAMPS: '0.2', ...notify })
    page = await browser.open()
    await page.addInitScript(`localStorage.setItem('nhip-language', 'en')`)
    await page.goto(`${platform.url}/?token=${platform.adminToken}`)
    await untilReady(page)
    await vi.waitFor(async () => expect(await figure(page, 'count-fresh', 'data-count')).toBe(100), soon)
  })
  afterEach(() => {
    expect(browser.complaints.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await browser?.close()
    await platform?.stop('SIGKILL')
    await receiver?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const command = () => page.getByTestId('command').first()
  const untilSettled = () =>
    vi.waitFor(async () => expect(await command().getAttribute('data-awaited')).toBe('0'), soon)

  it('are commanded as a group after a second look, with progress and those that failed by name, to be tried again', async () => {
    await page.getByTestId('search').fill('lamp')
    await page.getByTestId('command-found').click()
    expect(await page.getByTestId('command-found').textContent()).toContain('50 lamps')
    await page.getByTestId('lamp-off').click()
    await page.getByText('Switch off: 50 lamps?').waitFor()
    await page.getByText(/The order holds until .*\d\d:\d\d.*; then the lamps follow their schedule/).waitFor()
    await page.getByTestId('lamp-confirm').click()
    await command().waitFor()
    await untilSettled()
    const [total, acknowledged, failed] = await Promise.all(
      ['total', 'acknowledged', 'failed'].map(async (name) => Number(await command().getAttribute(`data-${name}`))),
    )
    expect(total).toBe(50)
    expect(acknowledged).toBeGreaterThan(10)
    expect(failed).toBe(50 - (acknowledged ?? 0))
    expect(failed).toBeGreaterThan(0)
    expect(await command().textContent()).toMatch(/did not obey.*no answer within 10 s/s)
    failing = await command().locator('li button').allTextContents()
    await page.getByTestId('command-again').click()
    await vi.waitFor(async () => expect(await command().getAttribute('data-total')).toBe(String(failed)), soon)
    await page.keyboard.press('Escape')
    await page.getByTestId('lamp-control').waitFor({ state: 'detached' })
  })

  it('obey one by one, at once, and show in their panel what they do now', async () => {
    const names = await page.getByTestId('sensor-row').locator('.name').allTextContents()
    const obedient = names.findIndex((name) => !failing.includes(name))
    await page.getByTestId('sensor-row').nth(obedient).click()
    const panel = page.getByTestId('sensor-panel')
    await panel.getByTestId('lamp-level').fill('40')
    await panel.getByLabel('Holds for').selectOption('1 hour')
    await panel.getByTestId('lamp-dim').click()
    await vi.waitFor(
      async () =>
        expect(await command().textContent()).toMatch(/Dim to 40 % until .*admin.*The lamp acknowledged after/s),
      soon,
    )
    await vi.waitFor(
      async () => expect(await panel.locator('[data-value=illuminanceLevel] dd').textContent()).toMatch(/40\s?%/),
      soon,
    )
    await panel
      .getByTestId('override')
      .getByText(/Manual: Dim to 40\s?%, by command of admin, until/)
      .waitFor()
    await panel.getByTestId('lamp-automatic').click()
    await vi.waitFor(async () => expect(await command().textContent()).toMatch(/By schedule/), soon)
    await panel.getByTestId('override').waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
  })

  it('are manual until they are given back: by filter, mark and list, in another browser at the same time', async () => {
    const other = await browser.open()
    await other.goto(`${platform.url}/?token=${platform.adminToken}`)
    await other.goto(`${platform.url}/#view=manual`)
    await page.getByTestId('state').selectOption('manual')
    const rows = page.getByTestId('sensor-row')
    const listed = other.getByTestId('override-row')
    await vi.waitFor(async () => expect(await listed.count()).toBeGreaterThan(10), soon)
    const all = await listed.count()
    await vi.waitFor(async () => expect(await rows.count()).toBe(all), soon)
    expect(await rows.first().getByTestId('manual-mark').count()).toBe(1)
    expect(await listed.first().textContent()).toMatch(/Tắt.*admin.*đến .*\d\d:\d\d/s)
    const second = await listed.nth(1).getAttribute('data-sensor')
    await listed.first().getByTestId('end-override').click()
    await vi.waitFor(async () => expect([await rows.count(), await listed.count()]).toEqual([all - 1, all - 1]), soon)
    // the focus is on the row that came in its place
    expect(await other.evaluate('document.activeElement.closest("tr").dataset.sensor')).toBe(second)
    await other.getByTestId('choose-overrides').click()
    await other.getByTestId('end-overrides').click()
    await other.getByTestId('overrides-confirm').click()
    await other.getByTestId('no-overrides').waitFor()
    await vi.waitFor(async () => expect(await rows.count()).toBe(0), soon)
    expect(await other.getByTestId('command').first().textContent()).toContain('Chạy theo lịch')
    await other.close()
  })

  it('burn by day by whose command: the alert says it in the rail, and what is sent about it does', async () => {
    const longitudes = Array.from({ length: 36 }, (_, at) => -175 + 10 * at)
    const altitudes = longitudes.map((lon) => sunAltitude([lon, 0], Date.now()))
    const lamp = { district: 'elsewhere', kind: 'lighting', sensor: 'lamp-at-noon' } as const
    const name = { vi: 'Đèn thử giữa trưa', en: 'Test lamp at noon' }
    const meta = { name, position: [longitudes[altitudes.indexOf(Math.max(...altitudes))], 0], period: 60 }
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
      ...{ protocolVersion: 4, username: 'admin', password: platform.adminToken },
    })
    const publish = (channel: 'meta' | 'reading' | 'ack', payload: object) =>
      client.publishAsync(sensorTopic({ ...lamp, channel }), JSON.stringify(payload), {
        ...{ qos: 1, retain: channel === 'meta' },
      })
    const measure = (activePower: number) =>
      publish('reading', { ts: Date.now(), activePower, powerState: activePower > 0 ? 'on' : 'off' })
    let measuring: NodeJS.Timeout | undefined
    try {
      client.on('message', (_topic, payload) => {
        const { id } = JSON.parse(payload.toString())
        void measure(80).then(() => publish('ack', { id, ok: true }))
        measuring ??= setInterval(() => measure(80), 500)
      })
      await client.subscribeAsync(sensorTopic({ ...lamp, channel: 'cmd' }), { qos: 1 })
      await publish('meta', meta)
      await measure(0)
      const rule = { vi: 'Đèn sáng ban ngày thử', en: 'Burns by day, a test' }
      await addRules(platform, [
        {
          ...{ name: rule, enabled: true, priority: 3, notify: 'always' },
          scope: { kind: 'lighting', sensors: [lamp.sensor] },
          // by then alerts knows whose command it was
          condition: { type: 'lamp-burning', forSeconds: 5 },
        },
      ])
      const order = JSON.stringify({ sensors: [lamp.sensor], order: { action: 'on' }, comment: 'works on the line' })
      const headers = { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' }
      const send = () => fetch(`${platform.url}/api/v1/commands`, { method: 'POST', headers, body: order })
      await vi.waitFor(async () => expect((await send()).status).toBe(202), soon)
      const row = page.getByTestId('alert').filter({ hasText: rule.en })
      await vi.waitFor(
        async () => expect(await row.textContent()).toMatch(/by command of admin, until .*\d\d:\d\d/i),
        soon,
      )
      await vi.waitFor(
        () =>
          expect(receiver.requests.map(({ body }) => body).join('\n')).toMatch(/a test.*by command of admin, until/is),
        soon,
      )
    } finally {
      clearInterval(measuring)
      await client.endAsync()
    }
  })
})
