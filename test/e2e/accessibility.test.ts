import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { findChromium, startBrowser, type TestBrowser } from './browser.ts'
import { letThingsHappen, type RefusingReceiver, startRefusingReceiver } from './happenings.ts'
import { type SilencedSensors, silenceSensors } from './silenced-sensors.ts'
import { loseConnection, openView, silencedViews, type View, views } from './views.ts'

/** WCAG 2.0 to 2.2, A and AA; among them targets of at least 24 px */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
/** what another look of the same elements may break: they become softer, and what can be pressed is disabled */
const whatIsLost = ['color-contrast', 'scrollable-region-focusable']
/** Whether nothing can be switched there: nothing is behind a dialog, nothing to press on a wall. */
const isFixed = ({ name, isModal }: View) => isModal === true || name === 'wall-display'

describe.skipIf(!findChromium() && !process.env.CI)('axe finds nothing serious', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let receiver: RefusingReceiver
  let silent: SilencedSensors
  let axe: string
  let page: Page

  /** What axe has to say of all rules, or of those that are named, a line each. */
  const faults = async (runOnly: readonly string[] = tags): Promise<string[]> => {
    if (!(await page.evaluate('Boolean(globalThis.axe)'))) await page.evaluate(axe)
    const options = JSON.stringify({ runOnly, resultTypes: ['violations'] })
    const { violations } = await page.evaluate<AxeResults>(`axe.run(${options})`)
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`))
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-axe-'))
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    browser = await startBrowser()
    receiver = await startRefusingReceiver()
    platform = await startPlatform({ DATA_DIR: folder, SENSORS: '60', BACKFILL_DAYS: '1', ...receiver.env })
    silent = await silenceSensors(platform)
    await letThingsHappen(platform)
  })
  afterAll(async () => {
    await silent?.close()
    await browser?.close()
    await platform?.stop('SIGKILL')
    await receiver?.close()
    await rm(folder, { recursive: true, force: true })
  })

  afterEach(async () => {
    await page.context().close()
  })

  /** Faults in Vietnamese and light, then in English and dark, then in both while the connection is lost. */
  const faultsOf = async (view: View): Promise<string[]> => {
    await openView(page, platform.url, view, { language: 'vi', theme: 'light' }, platform.adminToken)
    const light = await faults()
    if (isFixed(view)) await openView(page, platform.url, view, { language: 'en', theme: 'dark' }, platform.adminToken)
    else {
      await page.getByRole('button', { name: 'EN', exact: true }).click()
      await page.getByTestId('theme').click()
    }
    const dark = await faults()
    await loseConnection(page)
    const lost = await faults(whatIsLost)
    if (!isFixed(view)) await page.getByTestId('theme').click()
    const lostLight = isFixed(view) ? [] : await faults(whatIsLost)
    await page.context().setOffline(false)
    return [...light, ...dark, ...[...lost, ...lostLight].map((fault) => `connection lost: ${fault}`)]
  }

  it('on the sign-in', async () => {
    page = await browser.open()
    for (const [language, colorScheme] of [
      ['vi', 'light'],
      ['en', 'dark'],
    ] as const) {
      await page.emulateMedia({ colorScheme })
      await page.goto(`${platform.url}/?lang=${language}`)
      await page.getByTestId('sign-in').waitFor()
      expect(await faults()).toEqual([])
    }
  })

  it.each([...views, ...silencedViews])('on $name, connected and not', async (view) => {
    page = await browser.open()
    expect(await faultsOf(view)).toEqual([])
  })

  it('but a fault that was put there', async () => {
    page = await browser.open()
    await page.goto(platform.url)
    await page.getByTestId('sign-in').waitFor()
    await page.evaluate(`document.body.append(document.createElement('button'))`)
    expect(await faults()).toEqual([expect.stringContaining('button-name')])
  })
})
