import type { Page } from 'playwright-core'
import { type WidePage, widePages } from '../../dashboard/src/navigation/sections.ts'
import { untilReady } from './browser.ts'
import { silenced } from './silenced-sensors.ts'

/** Something a person sees of the dashboard. */
export interface View {
  name: string
  /** fragment of its address, without `#` */
  hash: string
  /** whether it is a dialog, behind which nothing can be reached */
  isModal?: boolean
  /** whether it is empty until something has happened: see happenings.ts */
  isEventful?: boolean
  /** Brings it into the state to look at; resolves when all that is to be seen is there. */
  settle(page: Page): Promise<void>
}

const nothingLoads = (page: Page) => page.locator('main [role=status]').first().waitFor({ state: 'detached' })
const overridesListed = (page: Page) => page.getByTestId('override-row').first().waitFor()

async function openSensor(page: Page, search: string): Promise<void> {
  await page.getByRole('searchbox').fill(search)
  await page.getByTestId('sensor-row').first().click()
  await page.locator('.uplot canvas').waitFor()
}

/** pages that list what happened: nothing, in a city that is well */
const eventful: ReadonlySet<string> = new Set<WidePage>([
  ...(['shift', 'alerts', 'manual', 'notifications', 'quarantine', 'devices'] as const),
])

/** Every page, and each kind of sensor's panel. */
export const views: readonly View[] = [
  { name: 'live-map', hash: '', settle: untilReady },
  ...(['traffic', 'lighting', 'air-quality'] as const).map((kind) => ({
    name: `sensor-${kind}`,
    hash: '',
    async settle(page: Page) {
      await untilReady(page)
      await openSensor(page, kind)
    },
  })),
  {
    name: 'replay',
    hash: '',
    async settle(page) {
      await untilReady(page)
      await page.getByTestId('scrubber').press('Home')
      await page.keyboard.press('Shift+ArrowRight')
      await page.locator('[data-testid=replay-bar][data-stage=ready]').waitFor()
    },
  },
  {
    name: 'calendar',
    isModal: true,
    hash: '',
    async settle(page) {
      await untilReady(page)
      await page.getByTestId('choose-day').click()
      await page.locator('[data-testid=calendar][data-loaded=true]').waitFor()
    },
  },
  {
    name: 'assign-dialog',
    isModal: true,
    hash: '',
    isEventful: true,
    async settle(page) {
      await untilReady(page)
      await page.locator('[data-testid=alert-rail] [data-row]').first().waitFor()
      for (const key of ['j', 'g']) await page.keyboard.press(key)
      await page.getByTestId('assign-to').waitFor()
    },
  },
  { name: 'wall-display', hash: 'kiosk=1', settle: untilReady },
  { name: 'table', hash: 'view=table', settle: (page) => page.locator('tbody tr').first().waitFor() },
  ...Object.keys(widePages).map((name) => ({
    ...{ name, hash: `view=${name}`, isEventful: eventful.has(name) },
    settle: name === 'manual' ? overridesListed : nothingLoads,
  })),
  ...(['hand-over', 'past'] as const).map((part) => ({
    ...{ name: `shift-${part}`, hash: `view=shift&w-part=${part}`, isEventful: true },
    settle: nothingLoads,
  })),
  {
    name: 'shift-signed',
    hash: 'view=shift&w-part=past',
    isEventful: true,
    async settle(page) {
      await page.getByTestId('past-hand-over').first().getByRole('button').click()
      await page.getByTestId('signed-hand-over').waitFor()
    },
  },
  {
    name: 'shift-note',
    isModal: true,
    hash: 'view=shift',
    async settle(page) {
      await page.getByTestId('write-note').click()
      await page.getByTestId('note-about').selectOption('point')
      await page.getByTestId('note-point').waitFor()
    },
  },
  {
    name: 'rule-editor',
    isModal: true,
    hash: 'view=rules',
    async settle(page) {
      await page.getByTestId('add-rule').click()
      await page.getByTestId('save-rule').click()
      await page.getByTestId('rule-form').getByRole('alert').waitFor()
    },
  },
  {
    name: 'shortcuts',
    isModal: true,
    hash: '',
    async settle(page) {
      await untilReady(page)
      await page.keyboard.press('?')
      await page.getByTestId('shortcuts').waitFor()
    },
  },
]

/** Panels of sensors that are not well: of those of silenced-sensors.ts. They are not pictured. */
export const silencedViews: readonly View[] = [
  {
    name: 'sensor-stale',
    hash: `sensor=${silenced.whole}`,
    settle: (page) => page.locator('[data-testid=sensor-panel] [data-freshness=stale]').waitFor(),
  },
  {
    name: 'value-stale',
    hash: `sensor=${silenced.partly}`,
    settle: (page) => page.locator('[data-value][data-stale=true]').waitFor(),
  },
]

/** Takes the network from a page, as a cable that is pulled out does; resolves when the page says so. */
export async function loseConnection(page: Page): Promise<void> {
  await page.context().setOffline(true)
  await page.locator('[data-testid=connection][data-state=lost]').waitFor()
  await page.getByTestId('banner').waitFor()
}

/** How a person has set the page. */
export interface Look {
  language: 'vi' | 'en'
  theme: 'light' | 'dark'
}

/** Opens a view as somebody would who has chosen this look; `token` signs in. */
export async function openView(page: Page, url: string, view: View, look: Look, token: string): Promise<void> {
  await page.emulateMedia({ colorScheme: look.theme, reducedMotion: 'reduce' })
  // the session is all that is wanted of it
  await page.context().request.get(`${url}/?token=${token}`)
  await page.goto(`${url}/?lang=${look.language}${view.hash === '' ? '' : `#${view.hash}`}`)
  await view.settle(page)
}
