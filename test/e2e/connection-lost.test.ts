import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { type AlertCity, addRules, connectCity, heatRule } from './alert-city.ts'
import { findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'
import { handOverShift, overrideLamps } from './happenings.ts'
import { loseConnection, views } from './views.ts'

/**
 * Presses whatever can be pressed below the header, one after the other, dialogs that open too, and returns what asked the server for
 * something. To go somewhere else is no question: what is known is shown there.
 */
const pressAll = `(async () => {
  const asked = []
  let pressed
  let questions = 0
  const ask = globalThis.fetch
  globalThis.fetch = async (input, options) => {
    const url = input.url ?? input
    questions++
    if (pressed !== undefined && !url.endsWith('/config')) asked.push(pressed + ' asks ' + (options?.method ?? 'GET') + ' ' + url)
    throw new TypeError('no connection')
  }
  const place = location.hash
  const done = new Set()
  const nameOf = (button) => (button.dataset.testid ?? '') + ' ' + (button.textContent.trim() || button.ariaLabel || button.title)
  for (let times = 0; times < 60; times++) {
    const button = [...document.querySelectorAll(':is(main, footer, dialog) :is(button, summary, [type=checkbox])')].find(
      (one) => !one.disabled && one.checkVisibility() && !done.has(nameOf(one)),
    )
    if (!button) break
    done.add(nameOf(button))
    pressed = nameOf(button)
    const before = asked.length
    button.click()
    await new Promise((resolve) => setTimeout(resolve))
    pressed = undefined
    if (location.hash === place) continue
    asked.length = before
    location.hash = place
    // what is shown again asks anew: nothing more is asked after three idle moments without a question
    for (let idle = 0, seen = questions; idle < 3; idle = seen === questions ? idle + 1 : 0) {
      seen = questions
      await new Promise((resolve) => setTimeout(() => requestIdleCallback(resolve), 20))
    }
  }
  globalThis.fetch = ask
  return asked
})()`

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
    await handOverShift(platform)
    await overrideLamps(platform)
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

  it.each(views)('nothing that can be pressed asks the server: $name', async (view) => {
    await page.evaluate(`history.replaceState(null, '', ${JSON.stringify(`#${view.hash}`)})`)
    await page.reload()
    await view.settle(page)
    await loseConnection(page)
    const asked = await page.evaluate<string[]>(pressAll)
    await page.context().setOffline(false)
    expect(asked).toEqual([])
  })
})
