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
import { openView, type View, views } from './views.ts'

/** WCAG 2.0 to 2.2, A and AA; among them targets of at least 24 px */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
describe.skipIf(!findChromium() && !process.env.CI)('axe finds nothing serious', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let receiver: RefusingReceiver
  let axe: string
  let page: Page

  /** What axe has to say, a line each. */
  const faults = async (): Promise<string[]> => {
    await page.evaluate(axe)
    const { violations } = await page.evaluate<AxeResults>(`axe.run({ runOnly: ${JSON.stringify(tags)} })`)
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
    await letThingsHappen(platform)
  })
  afterAll(async () => {
    await browser?.close()
    await platform?.stop('SIGKILL')
    await receiver?.close()
    await rm(folder, { recursive: true, force: true })
  })

  afterEach(async () => {
    await page.context().close()
  })

  /** Faults in Vietnamese and light, then in English and dark, switched as a person would. */
  const faultsOfBothLooks = async (view: View): Promise<string[]> => {
    const light = await faults()
    if (view.name === 'wall-display') {
      // nothing to press there
      await openView(page, platform.url, view, { language: 'en', theme: 'dark' }, platform.adminToken)
    } else {
      await page.getByRole('button', { name: 'EN', exact: true }).click()
      await page.getByTestId('theme').click()
    }
    return [...light, ...(await faults())]
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

  it.each(views)('on $name', async (view) => {
    page = await browser.open()
    await openView(page, platform.url, view, { language: 'vi', theme: 'light' }, platform.adminToken)
    if (!view.isModal) expect(await faultsOfBothLooks(view)).toEqual([])
    else {
      // nothing behind a dialog can be switched
      expect(await faults()).toEqual([])
      await openView(page, platform.url, view, { language: 'en', theme: 'dark' }, platform.adminToken)
      expect(await faults()).toEqual([])
    }
  })

  it('but a fault that was put there', async () => {
    page = await browser.open()
    await page.goto(platform.url)
    await page.getByTestId('sign-in').waitFor()
    await page.evaluate(`document.body.append(document.createElement('button'))`)
    expect(await faults()).toEqual([expect.stringContaining('button-name')])
  })
})
