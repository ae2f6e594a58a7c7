import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { type AlertCity, addRules, connectCity, heatRule } from './alert-city.ts'
import { findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'

describe.skipIf(!findChromium() && !process.env.CI)('while the connection is lost', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let city: AlertCity
  let page: Page

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-lost-'))
    browser = await startBrowser()
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '10' })
    city = await connectCity(platform)
    await addRules(platform, [heatRule({ vi: 'Nóng', en: 'Hot' }, 2, 45)])
    await city.measure(['hot-1', 'hot-2'], 50)
    page = await browser.open()
    await page.goto(`${platform.url}/?token=${platform.adminToken}&lang=en`)
    await untilReady(page)
  })
  afterAll(async () => {
    await city?.close()
    await browser?.close()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  const untilState = (state: string) =>
    page.locator(`[data-testid=connection][data-state=${state}]`).waitFor({ timeout: 15_000 })

  /** Shows a place, looks whether the buttons there can be pressed, then while the server is silent, and again when it is back. */
  const pressable = async (hash: string, buttons: readonly string[], prepare: () => Promise<void> = async () => {}) => {
    await page.goto(`${platform.url}/#${hash}`)
    await page.reload()
    await untilState('live')
    const look = () =>
      Promise.all(buttons.map((button) => page.locator(`${button}:visible`).first().isEnabled({ timeout: 10_000 })))
    await page.locator(`${buttons[0]}:visible`).first().waitFor()
    await prepare()
    const before = await look()
    platform.process.kill('SIGSTOP')
    const lost = await untilState('lost')
      .then(look)
      .finally(() => platform.process.kill('SIGCONT'))
    await untilState('live')
    return { before, lost, after: await look() }
  }
  const all = (buttons: readonly string[], is: boolean) => buttons.map(() => is)

  it.each<[where: string, hash: string, buttons: string[]]>([
    ['the list of alerts', '', ['[data-testid=acknowledge]']],
    [
      'the panel of a lamp',
      'sensor=tay-ninh-lighting-001',
      ['[data-testid=lamp-on]', '[data-testid=lamp-off]', '[data-testid=lamp-automatic]', '[data-testid=lamp-dim]'],
    ],
    [
      'the rules',
      'view=rules',
      ['[data-testid=try]', '[data-testid=edit]', '[data-testid=remove]', '[data-testid=add-rule]', '[role=switch]'],
    ],
    ['the people', 'view=people', ['tr[data-person=admin] button', 'form button']],
    ['one’s own account', 'view=account', ['[data-testid=account] button']],
  ])(
    'what would ask the server for something is disabled, and can be pressed again after: %s',
    async (_, hash, buttons) => {
      expect(await pressable(hash, buttons)).toEqual({
        before: all(buttons, true),
        lost: all(buttons, false),
        after: all(buttons, true),
      })
    },
  )

  it('so is what acts on a selection of alerts, and its key does nothing', async () => {
    const buttons = ['[data-testid=acknowledge-selected]', '[data-testid=shelve-selected]']
    await page.goto(`${platform.url}/?lang=en#`)
    await page.reload()
    await untilState('live')
    await page.getByTestId('select-all').click()
    platform.process.kill('SIGSTOP')
    try {
      await untilState('lost')
      for (const button of buttons) expect(await page.locator(button).isEnabled(), button).toBe(false)
      await page.keyboard.press('a')
      expect(await page.getByTestId('alert-go').count()).toBe(0)
      // what is done on the page alone still can be
      await page.getByRole('button', { name: 'Clear', exact: true }).click()
    } finally {
      platform.process.kill('SIGCONT')
    }
    await untilState('live')
  })
})
