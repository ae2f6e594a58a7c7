import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { type AlertCity, addRules, connectCity, heatRule } from './alert-city.ts'
import { figure, findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'
import { lateMs, watchPage } from './page-watch.ts'

const secret = 'a-secret-of-this-test'
const soon = { timeout: 30_000, interval: 100 }

describe.skipIf(!findChromium() && !process.env.CI)('alerts on the operator’s screen', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let city: AlertCity
  /** where alerts are told to the outside */
  let hook: AnsweringServer
  let mail: MailServer
  const pages: Page[] = []

  /** Opens a browser of its own, signed in, in English. */
  const open = async (hash = '', size = {}) => {
    const page = await browser.open(size)
    pages.push(page)
    await page.addInitScript(`localStorage.setItem('nhip-language', 'en')`)
    await page.goto(`${platform.url}/?token=${platform.adminToken}${hash}`)
    await untilReady(page)
    return page
  }
  const alertOf = (page: Page, station: string) =>
    page.getByTestId('alert').filter({ hasText: new RegExp(`Test station ${station}\\b`) })
  const unacknowledged = (page: Page) => figure(page, 'alert-rail', 'data-unacknowledged')

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-alerts-page-'))
    browser = await startBrowser()
    hook = await startAnsweringServer(() => ({ status: 204 }))
    mail = await startMailServer(secret)
    platform = await startPlatform({
      ...{ DATA_DIR: join(folder, 'data'), SENSORS: '10' },
      ...{ NOTIFY_WEBHOOK_URL: `${hook.url}/hook`, NOTIFY_WEBHOOK_SECRET: secret },
      ...{ NOTIFY_SMTP_URL: mail.url, NOTIFY_EMAIL_FROM: 'nhip@city.example', NOTIFY_EMAIL_TO: 'duty@city.example' },
    })
    city = await connectCity(platform)
    await addRules(platform, [
      heatRule({ vi: 'Nóng', en: 'Hot' }, 2, 45),
      heatRule({ vi: 'Rất nóng', en: 'Very hot' }, 1, 60),
    ])
  })
  afterEach(async () => {
    await Promise.all(pages.splice(0).map((page) => page.context().close()))
    expect(browser.complaints.splice(0)).toEqual([])
    // every station is cool again and nothing is left to acknowledge
    const rest = await fetch(`${platform.url}/api/v1/alerts?limit=1000`, {
      headers: { authorization: `Bearer ${platform.adminToken}` },
    })
    const { alerts } = (await rest.json()) as { alerts: { id: string; sensors: string[] }[] }
    if (alerts.length === 0) return
    await city.measure(
      alerts.flatMap(({ sensors }) => sensors),
      20,
    )
    await fetch(`${platform.url}/api/v1/alerts/acknowledge`, {
      method: 'POST',
      headers: { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ids: alerts.map(({ id }) => id) }),
    })
  })
  afterAll(async () => {
    await city?.close()
    await browser?.close()
    await platform?.stop('SIGKILL')
    await hook?.close()
    await mail?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('show when there are none, and come with priority, place, value and unit, the critical ones first', async () => {
    const page = await open()
    await page.getByTestId('no-alerts').waitFor()
    await city.measure(['warm-1'], 50)
    await city.measure(['hot-1'], 70)
    await alertOf(page, 'hot-1').nth(1).waitFor()
    const first = page.getByTestId('alert').first()
    expect(await first.getAttribute('data-priority')).toBe('1')
    expect(await first.textContent()).toMatch(/Very hot.*Test station hot-1.*70\.0 °C \(limit 60\.0 °C\).*ago/s)
    expect(await alertOf(page, 'warm-1').textContent()).toMatch(/Hot.*50\.0 °C/s)
    expect(await unacknowledged(page)).toBe(3)
  })

  it('are acknowledged by one press, and a second browser is told who did it within a second, without asking', async () => {
    const stations = ['warm-2', 'warm-21', 'warm-22']
    await city.measure(stations, 50)
    const [page, other] = [await open(), await open()]
    for (const each of [page, other]) await vi.waitFor(async () => expect(await unacknowledged(each)).toBe(3), soon)
    const asked: string[] = []
    other.on('request', (request) => asked.push(request.url()))
    await page.evaluate(`addEventListener('click', () => { globalThis.pressedAt = Date.now() }, { capture: true })`)
    const delays: number[] = []
    for (const [at, station] of stations.entries()) {
      const left = `document.querySelector('[data-testid=alert-rail]').dataset.unacknowledged === '${2 - at}'`
      const seen = watchPage(other, left)
      await alertOf(page, station).getByTestId('acknowledge').click()
      delays.push(lateMs(await seen, await page.evaluate<number>('globalThis.pressedAt')))
    }
    // the best of three, for others may have had the processors; bench/alert-flood.ts tells median and slowest
    expect(Math.min(...delays)).toBeLessThanOrEqual(1_000)
    expect(asked).toEqual([])
    await other.locator('summary').filter({ hasText: 'Being watched' }).click()
    expect(await alertOf(other, 'warm-2').textContent()).toMatch(/acknowledged by admin/)
    expect(await alertOf(other, 'warm-2').getByTestId('acknowledge').count()).toBe(0)
  })

  it('stay in the list when they are over, until somebody acknowledges them', async () => {
    const page = await open()
    await city.measure(['warm-3'], 50)
    await alertOf(page, 'warm-3').waitFor()
    await city.measure(['warm-3'], 20)
    const over = page.locator('[data-testid=alert][data-state=returned]')
    await over.waitFor()
    expect(await over.textContent()).toMatch(/cleared .* ago/)
    await over.getByTestId('acknowledge').click()
    await over.waitFor({ state: 'detached' })
  })

  it('of a selection are acknowledged together with one comment, which the history keeps', async () => {
    const stations = ['sel-1', 'sel-2', 'sel-3']
    const page = await open()
    await city.measure(stations, 50)
    await vi.waitFor(async () => expect(await unacknowledged(page)).toBe(3), soon)
    await alertOf(page, 'sel-1').getByRole('checkbox').click()
    await alertOf(page, 'sel-3')
      .getByRole('checkbox')
      .click({ modifiers: ['Shift'] })
    await page.getByTestId('acknowledge-selected').waitFor()
    await page.getByTestId('select-all').check()
    await page.getByTestId('acknowledge-selected').click()
    const dialog = page.getByTestId('alert-action')
    await dialog.locator('textarea').fill('Fans are on their way')
    await dialog.getByTestId('alert-go').click()
    await vi.waitFor(async () => expect(await unacknowledged(page)).toBe(0), soon)
    const history = await open('#view=alerts')
    const rows = history.getByTestId('history-row').filter({ hasText: 'Fans are on their way' })
    await vi.waitFor(async () => expect(await rows.count()).toBe(3), soon)
    await history.getByTestId('history-priority').selectOption('1')
    await vi.waitFor(async () => expect(await rows.count()).toBe(0), soon)
    await history.getByTestId('history-priority').selectOption('2')
    await vi.waitFor(async () => expect(await rows.count()).toBe(3), soon)
    await history.getByTestId('history-by').selectOption('admin')
    await vi.waitFor(async () => expect(await rows.count()).toBe(3), soon)
    // the address says it all: a colleague sees the same, and changes the end
    const colleague = await open(new URL(history.url()).hash)
    const same = colleague.getByTestId('history-row').filter({ hasText: 'Fans are on their way' })
    await vi.waitFor(async () => expect(await same.count()).toBe(3), soon)
    for (const [key, value] of Object.entries({ by: 'admin', priority: '2' }))
      expect(await colleague.getByTestId(`history-${key}`).inputValue()).toBe(value)
    await colleague.getByTestId('history-span').selectOption('own')
    await vi.waitFor(async () => expect(await same.count()).toBe(3), soon)
    await colleague.getByTestId('history-to').fill((await colleague.getByTestId('history-from').inputValue()) ?? '')
    await vi.waitFor(async () => expect(await same.count()).toBe(0), soon)
    expect(colleague.url()).toMatch(/w-from=.*w-to=/)
    await colleague.getByTestId('history-from').fill('2099-01-01T00:00')
    await colleague.getByText('The beginning must be before the end.').waitFor()
    await rows.first().getByRole('button').first().click()
    await history.getByTestId('alert-life').getByText('Acknowledged').waitFor()
    expect(await history.getByTestId('alert-life').textContent()).toMatch(/Raised.*Acknowledged.*admin.*Fans/s)
  })

  it('are shelved for a while, listed apart, and taken back', async () => {
    const page = await open()
    await city.measure(['warm-4'], 50)
    await alertOf(page, 'warm-4').waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('s')
    const dialog = page.getByTestId('alert-action')
    await dialog.getByText('15 minutes').click()
    await dialog.getByTestId('alert-go').click()
    const shelved = page.getByTestId('shelved')
    await shelved.locator('summary').click()
    expect(await shelved.textContent()).toMatch(/warm-4.*until.*admin/s)
    expect(await unacknowledged(page)).toBe(0)
    await shelved.getByTestId('unshelve').click()
    await vi.waitFor(async () => expect(await unacknowledged(page)).toBe(1), soon)
  })

  it('are handled by keyboard alone, and ? lists the shortcuts', async () => {
    const page = await open()
    await city.measure(['key-1'], 50)
    await alertOf(page, 'key-1').waitFor()
    await city.measure(['key-2'], 50)
    await alertOf(page, 'key-2').waitFor()
    await page.keyboard.press('?')
    const help = page.getByTestId('shortcuts')
    expect(await help.textContent()).toMatch(/Next alert.*Acknowledge/s)
    await page.keyboard.press('Escape')
    await help.waitFor({ state: 'detached' })
    // the newest stands first
    for (const key of ['j', 'j', 'k', 'j', 'a']) await page.keyboard.press(key)
    await vi.waitFor(async () => expect(await unacknowledged(page)).toBe(1), soon)
    await page.keyboard.press('Shift+A')
    await page.getByTestId('acknowledge-selected').waitFor()
    await page.keyboard.press('k')
    expect(page.url()).not.toContain('kiosk')
    await page.keyboard.press('o')
    await page.getByTestId('sensor-panel').waitFor()
    expect(await page.getByTestId('alert-strip').isVisible()).toBe(true)
    // the priorities of which there are some, and no others
    expect(await page.getByTestId('alert-strip').textContent()).toMatch(/[1-9] (Critical|Warning)/)
    expect(await page.getByTestId('alert-strip').textContent()).not.toMatch(/\b0 /)
    await page.keyboard.press('Escape')
    await page.getByTestId('alert-rail').waitFor()
  })

  it('are said aloud when they are new and critical, and only then', async () => {
    const page = await open()
    const said = page.getByTestId('announced')
    await city.measure(['hot-5'], 20)
    await city.measure(['warm-5'], 50)
    // then it knows the other one's name too
    await alertOf(page, 'warm-5').getByText('Test station warm-5').first().waitFor()
    expect(await said.textContent()).toBe('')
    await city.measure(['hot-5'], 70)
    await vi.waitFor(async () => expect(await said.textContent()).toMatch(/Very hot – Test station hot-5/), soon)
    expect(await said.textContent()).not.toContain('warm-5')
  })

  it('of a flood become one row by ward and cause, which spreads out and is acknowledged as one', async () => {
    const page = await open()
    const ids = (ward: string) => Array.from({ length: 30 }, (_, at) => `${ward}-flood-${at}`)
    await city.measure(ids('tan-ninh'), 50, 'tan-ninh')
    await city.measure(ids('binh-minh'), 50, 'binh-minh')
    await vi.waitFor(async () => expect(await unacknowledged(page)).toBe(60), soon)
    const groups = page.getByTestId('alert-group')
    await vi.waitFor(async () => expect(await groups.count()).toBe(2), soon)
    expect(await page.getByTestId('alert').count()).toBe(0)
    const group = groups.filter({ hasText: 'Bình Minh' })
    expect(await group.getAttribute('data-count')).toBe('30')
    await group.getByTestId('spread').click()
    await vi.waitFor(async () => expect(await page.getByTestId('alert').count()).toBe(30), soon)
    await group.getByTestId('acknowledge').click()
    await page.getByTestId('alert-go').click()
    await vi.waitFor(async () => expect(await unacknowledged(page)).toBe(30), soon)
  })

  it('come from rules that one adds, tries, changes, switches and deletes on a page that says what is wrong', async () => {
    const page = await open('#view=rules')
    const rules = page.getByTestId('rule')
    await vi.waitFor(async () => expect(await rules.count()).toBeGreaterThan(10), soon)
    await page.getByTestId('add-rule').click()
    const form = page.getByTestId('rule-form')
    await form.getByTestId('save-rule').click()
    expect(await form.textContent()).toMatch(/Fill this in.*Fill in at least one of the two limits/s)
    await form.locator('[data-field=vi]').fill('Quá ẩm')
    await form.locator('[data-field=en]').fill('Too humid')
    await form.locator('[data-field=value]').selectOption('temperature')
    await form.locator('[data-field=above]').fill('45')
    await form.locator('[data-field=forSeconds]').fill('0')
    await form.getByTestId('try-rule').click()
    // the stations of the tests before were hotter
    await form.getByTestId('dry-run').waitFor({ timeout: 60_000 })
    expect(await form.getByTestId('dry-run').textContent()).toMatch(/would have raised [1-9]/)
    await form.getByTestId('save-rule').click()
    const mine = rules.filter({ hasText: 'Too humid' })
    await mine.waitFor()
    await mine.getByTestId('try').click()
    await mine.getByTestId('dry-run').waitFor({ timeout: 60_000 })
    await mine.getByRole('switch').click()
    await vi.waitFor(async () => expect(await mine.getAttribute('data-enabled')).toBe('false'), soon)
    await mine.getByTestId('edit').click()
    await form.locator('[data-field=en]').fill('Much too humid')
    await form.getByTestId('save-rule').click()
    const changed = rules.filter({ hasText: 'Much too humid' })
    await changed.waitFor()
    expect(await changed.textContent()).toContain('changed by admin')
    await changed.getByTestId('remove').click()
    await page.getByTestId('confirm-remove').click()
    await changed.waitFor({ state: 'detached' })
    await page.reload()
    await vi.waitFor(async () => expect(await rules.count()).toBeGreaterThan(10), soon)
    expect(await changed.count()).toBe(0)
  })

  it('that could not be told to the outside have a page, which says so when there are none', async () => {
    const page = await open('#view=notifications')
    await page.getByTestId('no-notifications').waitFor()
  })

  it('that a receiver refused are sent again from that page, which tells how that ended', async () => {
    hook.answer = () => ({ status: 410 })
    mail.refusals.push(550, 550)
    await addRules(platform, [
      { ...heatRule({ vi: 'Báo ra ngoài', en: 'Told outside' }, 1, 75), notify: 'by-priority' },
    ])
    await city.measure(['told-1'], 80)
    await vi.waitFor(async () => {
      const headers = { authorization: `Bearer ${platform.adminToken}` }
      const answer = await fetch(`${platform.url}/api/v1/notifications`, { headers })
      expect(await answer.json()).toMatchObject({ total: 2 })
    }, soon)
    const page = await open('#view=notifications')
    const letters = page.getByTestId('dead-notification')
    await vi.waitFor(async () => expect(await letters.count()).toBe(2), soon)
    const webhook = letters.and(page.locator('[data-channel=webhook]'))
    const email = letters.and(page.locator('[data-channel=email]'))
    expect(await webhook.textContent()).toMatch(/Told outside|Báo ra ngoài/)
    expect(await webhook.textContent()).toContain('HTTP 410')
    for (const letter of [webhook, email]) {
      await letter.getByRole('button').click()
      await letter.getByText('not delivered this time either').waitFor()
    }
    hook.answer = () => ({ status: 204 })
    const before = hook.requests.length
    for (const letter of [webhook, email]) {
      await letter.getByRole('button').click()
      await letter.getByText('✓ delivered').waitFor()
      expect(await letter.getByRole('button').count()).toBe(0)
    }
    expect(hook.requests).toHaveLength(before + 1)
    expect(new Set(hook.requests.map(({ headers }) => headers['x-nhip-delivery'])).size).toBe(1)
    expect(mail.mails).toHaveLength(1)
  })

  it('give axe nothing serious to find, alone, in a flood, selected and in a dialog, in both themes', async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    const page = await open()
    const serious = async () => {
      await page.evaluate(axe)
      const { violations } = await page.evaluate<AxeResults>(`axe.run(document, { resultTypes: ['violations'] })`)
      return violations.flatMap(({ id, impact, nodes }) =>
        impact === 'serious' || impact === 'critical' ? [`${id}: ${nodes[0]?.html}`] : [],
      )
    }
    await city.measure(
      Array.from({ length: 25 }, (_, at) => `axe-${at}`),
      50,
    )
    await city.measure(['axe-hot'], 70)
    await page.getByTestId('alert-group').waitFor()
    await page.getByTestId('spread').click()
    await page.getByTestId('select-all').check()
    expect(await serious()).toEqual([])
    await page.getByTestId('theme').click()
    expect(await serious()).toEqual([])
    await page.getByTestId('shelve-selected').click()
    await page.getByTestId('alert-action').waitFor()
    expect(await serious()).toEqual([])
  })

  it('fit on a phone', async () => {
    await city.measure(['warm-6'], 50)
    const page = await open('', { width: 390, height: 844 })
    await alertOf(page, 'warm-6').getByTestId('acknowledge').waitFor()
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
  })
})
