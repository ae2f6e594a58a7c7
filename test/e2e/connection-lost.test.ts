import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
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

  const untilState = (state: string, on = page) =>
    on.locator(`[data-testid=connection][data-state=${state}]`).waitFor({ timeout: 30_000 })

  describe('what would ask the server for something is disabled, and can be pressed again after', () => {
    const places: { where: string; hash: string; buttons: string[] }[] = [
      { where: 'the list of alerts', hash: '', buttons: ['[data-testid=acknowledge]'] },
      {
        ...{ where: 'the panel of a lamp', hash: 'sensor=tay-ninh-lighting-001' },
        buttons: [
          ...['[data-testid=lamp-on]', '[data-testid=lamp-off]'],
          ...['[data-testid=lamp-automatic]', '[data-testid=lamp-dim]'],
        ],
      },
      {
        ...{ where: 'the rules', hash: 'view=rules' },
        buttons: [
          ...['[data-testid=try]', '[data-testid=edit]', '[data-testid=remove]'],
          ...['[data-testid=add-rule]', '[role=switch]'],
        ],
      },
      { where: 'the people', hash: 'view=people', buttons: ['tr[data-person=admin] button', 'form button'] },
      { where: 'one’s own account', hash: 'view=account', buttons: ['[data-testid=account] button'] },
    ]
    /** by place: whether each of its buttons can be pressed before, while the server is silent, and when it is back */
    const pressable = new Map<string, boolean[][]>()

    beforeAll(async () => {
      const shown: { where: string; at: Page; buttons: Locator[] }[] = []
      for (const { where, hash, buttons } of places) {
        const at = await browser.open()
        await at.goto(`${platform.url}/?token=${platform.adminToken}&lang=en#${hash}`)
        await untilState('live', at)
        shown.push({ where, at, buttons: buttons.map((button) => at.locator(`${button}:visible`).first()) })
        await shown.at(-1)?.buttons[0]?.waitFor()
      }
      const look = async () => {
        for (const { where, buttons } of shown) {
          const enabled = await Promise.all(buttons.map((button) => button.isEnabled()))
          pressable.set(where, [...(pressable.get(where) ?? []), enabled])
        }
      }
      const untilAll = (state: string) => Promise.all(shown.map(({ at }) => untilState(state, at)))
      await look()
      platform.process.kill('SIGSTOP')
      await untilAll('lost')
        .then(look)
        .finally(() => platform.process.kill('SIGCONT'))
      await untilAll('live')
      await look()
      for (const { at } of shown) await at.context().close()
    })

    it.each(places)('$where', ({ where, buttons }) => {
      const all = (is: boolean) => buttons.map(() => is)
      expect(pressable.get(where)).toEqual([all(true), all(false), all(true)])
    })
  })

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
