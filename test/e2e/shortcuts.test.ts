import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { type AlertCity, addRules, connectCity, heatRule } from './alert-city.ts'
import { figure, findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'

const soon = { timeout: 30_000, interval: 100 }
const minute = 60_000

describe.skipIf(!findChromium() && !process.env.CI)('the shortcuts', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let city: AlertCity
  let page: Page
  /** keys that were pressed and did what the help says, as `what: key` */
  const pressed = new Set<string>()

  const open = async (hash = '') => {
    page = await browser.open()
    await page.addInitScript(`localStorage.setItem('nhip-language', 'en')`)
    await page.goto(`${platform.url}/?token=${platform.adminToken}${hash}`)
    await untilReady(page)
  }
  /** Presses a key that the help tells of in these words, and waits until it has done it. */
  const press = async (what: string, key: string, done: () => Promise<void>) => {
    await page.keyboard.press(
      key === 'Shift+a' || key === 'Shift+l' ? key.toUpperCase().replace('SHIFT', 'Shift') : key,
    )
    await vi.waitFor(done, soon).catch((error: unknown) => expect.fail(`${what}, ${key}: ${error}`))
    pressed.add(`${what}: ${key}`)
  }
  const isThere =
    (testId: string, there = true) =>
    async () => {
      expect(await page.getByTestId(testId).count()).toBe(there ? 1 : 0)
    }
  const row = () => page.evaluate<string | undefined>('document.activeElement?.dataset.row')
  const rowsInOrder = () =>
    page.evaluate<string[]>(`[...document.querySelectorAll('[data-row]')].map(({ dataset }) => dataset.row)`)
  const selected = () => page.locator('[data-testid=alert-rail] .lists input:checked').count()
  const unacknowledged = () => figure(page, 'alert-rail', 'data-unacknowledged')
  const moment = () => figure(page, 'replay-bar', 'data-at')

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-shortcuts-'))
    browser = await startBrowser()
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '10', SAMPLE_SENSORS: 'false' })
    city = await connectCity(platform)
    await addRules(platform, [heatRule({ vi: 'Nóng', en: 'Hot' }, 2, 45)])
    await city.measure(['one', 'two', 'three'], 50)
  })
  afterEach(async () => {
    await page.context().close()
    expect(browser.complaints.splice(0)).toEqual([])
  })
  afterAll(async () => {
    await city?.close()
    await browser?.close()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('of everywhere do what the help says', async () => {
    await open()
    await press('These shortcuts', '?', isThere('shortcuts'))
    await page.keyboard.press('Escape')
    await vi.waitFor(isThere('shortcuts', false), soon)
    await press('Shift log and hand-over', 'h', isThere('section-shift'))
    await press('Write a note in the shift log', 'n', isThere('note-form'))
    await page.keyboard.press('Escape')
    await vi.waitFor(isThere('note-form', false), soon)
    await press('Back to the map', 'Escape', isThere('search'))
    await press('Find a sensor', '/', async () => {
      expect(await page.evaluate('document.activeElement?.dataset.testid')).toBe('search')
    })
    await page.keyboard.press('Escape')
    await page.evaluate('document.activeElement.blur()')
    for (const key of ['w', 'Escape']) {
      await press('Wall display', 'w', isThere('search', false))
      expect(page.url()).toContain('kiosk=1')
      await press('Leave the wall display', key, isThere('search'))
    }
    await page.getByTestId('alert').first().locator('.what').click()
    await vi.waitFor(isThere('sensor-panel'), soon)
    await press('Close the sensor', 'Escape', isThere('sensor-panel', false))
    // a panel that a row of the list opened gives the focus back to it
    const listed = page.locator('button[data-testid=sensor-row]').first()
    const id = await listed.getAttribute('data-sensor')
    await listed.press('Enter')
    await vi.waitFor(isThere('sensor-panel'), soon)
    await press('Close the sensor', 'Escape', async () => {
      expect(await page.evaluate('document.activeElement?.dataset.sensor')).toBe(id)
    })
  })

  it('of the alerts go both ways from anywhere, open, select, acknowledge, assign and shelve', async () => {
    await open()
    await vi.waitFor(async () => expect(await unacknowledged()).toBe(3), soon)
    const [first, second, last] = await rowsInOrder()
    const isAt = (key: string | undefined) => async () => expect(await row()).toBe(key)
    // k is the previous alert wherever one is, and no wall display
    await press('Previous alert', 'k', isAt(last))
    await press('Previous alert', 'k', isAt(second))
    expect(page.url()).not.toContain('kiosk')
    await press('Next alert', 'j', isAt(last))
    await press('Move within the list', 'ArrowUp', isAt(second))
    await press('Move within the list', 'ArrowDown', isAt(last))
    for (const key of ['Enter', 'o']) {
      await press('Open the sensor or the group', key, isThere('sensor-panel'))
      await page.keyboard.press('Escape')
      await vi.waitFor(isThere('sensor-panel', false), soon)
      await vi.waitFor(isAt(last), soon)
    }
    await press('Select or clear', 'x', async () => expect(await selected()).toBe(1))
    await press('Select or clear', 'x', async () => expect(await selected()).toBe(0))
    await press('Select all unacknowledged', 'Shift+a', async () => expect(await selected()).toBe(3))
    await press('Select all unacknowledged', 'Shift+a', async () => expect(await selected()).toBe(0))
    await press('Shelve', 's', isThere('alert-action'))
    await page.keyboard.press('Escape')
    await vi.waitFor(isThere('alert-action', false), soon)
    await press('Assign', 'g', isThere('assign'))
    await page.keyboard.press('Escape')
    await vi.waitFor(isThere('assign', false), soon)
    await press('Previous alert', 'k', isAt(second))
    await press('Previous alert', 'k', isAt(first))
    await press('Acknowledge', 'a', async () => expect(await unacknowledged()).toBe(2))
  })

  it('of a replay pause, step and lead back', async () => {
    const at = Math.floor(Date.now() / minute) * minute - 20 * minute
    const replayed = `#at=${new Date(at).toISOString()}`
    const isAt = (ms: number) => async () => expect(await moment()).toBe(ms)
    await open(replayed)
    await vi.waitFor(isAt(at), soon)
    await press('Back or on by 1 minute (Shift: 10)', 'ArrowLeft', isAt(at - minute))
    await press('Back or on by 1 minute (Shift: 10)', 'ArrowRight', isAt(at))
    await press('Back or on by 1 day', '[', isAt(at - 24 * 60 * minute))
    await press('Back or on by 1 day', ']', isAt(at))
    const isPlaying = (playing: boolean) => async () =>
      expect(await page.getByTestId('replay-play').getAttribute('aria-label')).toMatch(playing ? /^Pause/ : /^Play/)
    await press('Play or pause', ' ', isPlaying(true))
    await press('Play or pause', ' ', isPlaying(false))
    const isLive = async () => expect(await page.getByTestId('page').getAttribute('data-mode')).toBe('live')
    await press('Back to live', 'l', isLive)
    await page.context().close()
    await open(replayed)
    await vi.waitFor(isAt(at), soon)
    await press('Back to live', 'Shift+l', isLive)
  })

  it('that the help lists are pressed here, every one', async () => {
    await open()
    await page.keyboard.press('?')
    await page.getByTestId('shortcuts').waitFor()
    const listed = await page.evaluate<string[]>(
      `[...document.querySelectorAll('[data-testid=shortcuts] dl div')].flatMap((line) =>
        [...line.querySelectorAll('kbd')].map((key) => line.querySelector('dd').textContent + ': ' + key.dataset.key))`,
    )
    expect(listed.length).toBeGreaterThan(15)
    expect([...pressed].sort()).toEqual(listed.sort())
    // no key means two things at once
    const keys = listed.map((line) => line.slice(line.lastIndexOf(': ') + 2))
    const twice = keys.filter((key, at) => keys.indexOf(key) !== at)
    expect(twice.sort()).toEqual(['Escape', 'Escape', 'w'])
  })
})
