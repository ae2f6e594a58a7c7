import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type AlertResponse, type AlertsResponse, alertResponse, alertsResponse } from '#telemetry/alert-rest.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { type AlertCity, addRules, connectCity, heatRule } from './alert-city.ts'
import { figure, findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'
import { keepDrawing } from './page-watch.ts'

/** Across the middle of the map: which pixels are of a critical mark's red. */
const redAcross = `(() => {
  const map = document.querySelector('[data-testid=map] .maplibregl-canvas')
  const pen = new OffscreenCanvas(31, 1).getContext('2d', { willReadFrequently: true })
  pen.drawImage(map, map.width / 2 - 15, map.height / 2, 31, 1, 0, 0, 31, 1)
  const { data } = pen.getImageData(0, 0, 31, 1)
  return Array.from({ length: 31 }, (_, at) => data[4 * at] > 150 && data[4 * at + 1] < 80)
})()`
const stations = ['hot', 'warm', 'warmer']
const soon = { timeout: 30_000, interval: 100 }

describe.skipIf(!findChromium() && !process.env.CI)('shelving on the operator’s screen', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let city: AlertCity
  let page: Page

  const open = async (language: 'vi' | 'en', hash = '') => {
    page = await browser.open()
    await page.addInitScript(keepDrawing)
    await page.addInitScript(`localStorage.setItem('nhip-language', '${language}')`)
    await page.goto(`${platform.url}/?token=${platform.adminToken}${hash}`)
    await untilReady(page)
  }
  const ask = async (path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${platform.url}/api/v1${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    expect(answer.status).toBe(200)
    return answer.json()
  }
  const alerts = async (): Promise<AlertsResponse['alerts']> => alertsResponse.parse(await ask('/alerts')).alerts
  const life = async (id: string): Promise<AlertResponse> => alertResponse.parse(await ask(`/alerts/${id}`))
  const unacknowledged = () => figure(page, 'alert-rail', 'data-unacknowledged')
  const dialog = () => page.getByTestId('alert-action')
  const go = () => dialog().getByTestId('alert-go')

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-shelving-'))
    browser = await startBrowser()
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '0', SAMPLE_SENSORS: 'false' })
    city = await connectCity(platform)
    await city.measure(stations, 20)
    await addRules(platform, [
      heatRule({ vi: 'Nóng', en: 'Hot' }, 2, 45),
      heatRule({ vi: 'Rất nóng', en: 'Very hot' }, 1, 60),
    ])
  })
  afterEach(async () => {
    await page.context().close()
    expect(browser.complaints.splice(0)).toEqual([])
    const open = await alerts()
    const ids = open.map(({ id }) => id)
    if (ids.length === 0) return
    await city.measure([...stations, ...open.flatMap(({ sensors }) => sensors)], 20)
    await ask('/alerts/unshelve', { ids })
    await ask('/alerts/acknowledge', { ids })
    await vi.waitFor(async () => expect(await alerts()).toEqual([]), soon)
  })
  afterAll(async () => {
    await city?.close()
    await browser?.close()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('of a selection with a critical alert asks for a reason and a second press, by keys too', async () => {
    await open('vi')
    await city.measure(['warm', 'warmer'], 50)
    await city.measure(['hot'], 70)
    await vi.waitFor(async () => expect(await unacknowledged()).toBe(4), soon)
    for (const key of ['Shift+A', 's']) await page.keyboard.press(key)
    await dialog().waitFor()
    expect(await figure(page, 'alert-action', 'data-critical')).toBe(1)
    // the critical one is named first
    expect(await dialog().locator('li').first().textContent()).toContain('Rất nóng')
    // three keys do nothing, held down or not
    for (let press = 0; press < 3; press++) await page.keyboard.press('Enter')
    await dialog().getByText('Hãy ghi lý do: cảnh báo nghiêm trọng').waitFor()
    expect(await unacknowledged()).toBe(4)
    await dialog().locator('textarea').fill('Đốt rơm gần trạm')
    await go().focus()
    await page.keyboard.press('Enter')
    await dialog().getByTestId('alert-sure').waitFor()
    expect(await dialog().getByTestId('alert-sure').textContent()).toMatch(
      /1 cảnh báo nghiêm trọng sẽ rời danh sách đến .*Bấm lần nữa/,
    )
    expect(await unacknowledged()).toBe(4)
    // what is changed now has not been asked for
    await dialog().getByText('15 phút').click()
    await dialog().getByTestId('alert-sure').waitFor({ state: 'detached' })
    await go().focus()
    await page.keyboard.press('Enter')
    await dialog().getByTestId('alert-sure').waitFor()
    expect(await go().textContent()).toMatch(/Tạm hoãn 4 cảnh báo, có 1 nghiêm trọng/)
    await page.keyboard.press('Enter')
    await dialog().waitFor({ state: 'detached' })
    await vi.waitFor(async () => expect(await unacknowledged()).toBe(0), soon)
    const shelved = await alerts()
    expect(shelved.map((alert) => alert.shelved?.comment)).toEqual(shelved.map(() => 'Đốt rơm gần trạm'))
    const critical = shelved.find(({ priority }) => priority === 1)
    expect((await life(critical?.id ?? '')).events.at(-1)).toMatchObject({
      ...{ type: 'shelved', by: 'admin', comment: 'Đốt rơm gần trạm' },
    })
    await page.getByTestId('shelved').locator('summary').click()
    expect(await page.getByTestId('shelved').textContent()).toMatch(/Rất nóng.*hot.*đến .*admin – Đốt rơm gần trạm/s)
  })

  it('leaves a hollow mark on the map and a figure in the header, which opens the list of until when and by whom', async () => {
    await city.measure(['hot'], 70)
    await vi.waitFor(async () => expect(await alerts()).toHaveLength(2), soon)
    await open('en', '#map=15.5/11.31/106.081')
    const middle = async () => {
      const red = await page.evaluate<boolean[]>(redAcross)
      return { inside: red.slice(13, 18), around: red.some(Boolean) }
    }
    const full = [true, true, true, true, true]
    await vi.waitFor(async () => expect(await middle()).toEqual({ inside: full, around: true }), soon)
    expect(await page.getByTestId('count-shelved').count()).toBe(0)
    const ids = (await alerts()).map(({ id }) => id)
    const until = Date.now() + 3_600_000
    await ask('/alerts/shelve', { ids, until, comment: 'Straw is burnt' })
    await vi.waitFor(async () => expect(await middle()).toEqual({ inside: full.map(() => false), around: true }), soon)
    expect(await figure(page, 'count-shelved', 'data-count')).toBe(2)
    expect(await page.getByTestId('shelved').textContent()).toContain('Shelved (2)')
    await page.goto(`${page.url().split('#')[0]}#view=alerts`)
    await page.getByTestId('history-count').waitFor()
    await page.getByTestId('count-shelved').click()
    await page.getByText('Straw is burnt').first().waitFor()
    expect(await page.getByTestId('shelved').getAttribute('open')).not.toBeNull()
    expect(await page.getByTestId('shelved').textContent()).toMatch(/until .*admin – Straw is burnt/s)
    // from the rail itself the figure leads to the list, wherever that is scrolled
    await page.getByTestId('count-shelved').click()
    await vi.waitFor(
      async () =>
        expect(await page.evaluate(`document.activeElement?.closest('[data-testid=shelved]') !== null`)).toBe(true),
      soon,
    )
    // an active one beside it is what is shown
    await ask('/alerts/unshelve', { ids: ids.slice(0, 1) })
    await vi.waitFor(async () => expect(await figure(page, 'count-shelved', 'data-count')).toBe(1), soon)
  })

  it('is told in the history, which can be downloaded as CSV and printed', async () => {
    await city.measure(['hot'], 70)
    await vi.waitFor(async () => expect(await alerts()).toHaveLength(2), soon)
    const ids = (await alerts()).map(({ id }) => id)
    await ask('/alerts/shelve', { ids, minutes: 60, comment: '=cháy rơm, đã báo' })
    await ask('/alerts/unshelve', { ids })
    await open('vi')
    await page.goto(`${page.url().split('#')[0]}#view=alerts`)
    const row = page.locator(`[data-testid=history-row][data-alert="${ids[0]}"]`)
    await row.waitFor()
    expect(await row.getByTestId('history-shelved').textContent()).toMatch(/^admin đến .*\d\d:\d\d/)
    expect(await row.getByTestId('history-duration').textContent()).toMatch(/^\d+ (giây|phút)/)
    const coming = page.waitForEvent('download')
    await page.getByTestId('history-csv').click()
    const download = await coming
    expect(download.suggestedFilename()).toMatch(/^canh-bao-\d{4}-\d\d-\d\d\.csv$/)
    const lines = (await readFile(await download.path(), 'utf8')).split('\r\n').filter((line) => line !== '')
    expect(lines[0]).toMatch(/^\ufeffMã,Mức,Cảnh báo,Giá trị đo,.*Tạm hoãn bởi/)
    const line = lines.find((text) => text.startsWith(ids[0] ?? '?'))
    expect(line).toMatch(/Trạm thử hot,.*,\d+,.*,admin,\d{4}-\d\d-\d\d \d\d:\d\d,admin," =cháy rơm, đã báo"$/)
    expect(lines).toHaveLength((await page.getByTestId('history-row').count()) + 1)
    await page.evaluate('globalThis.print = () => { globalThis.printed = true }')
    await page.getByTestId('history-print').click()
    expect(await page.evaluate('globalThis.printed')).toBe(true)
    await page.emulateMedia({ media: 'print' })
    expect(await page.getByTestId('history-span').isVisible()).toBe(false)
    expect(await page.getByTestId('theme').isVisible()).toBe(false)
    expect(await row.isVisible()).toBe(true)
  })

  it('is not the only thing: an alert is given to a team with a note, which a second browser and the history show', async () => {
    await open('vi')
    const other = await browser.open()
    await other.goto(`${platform.url}/?token=${platform.adminToken}&lang=en#view=people`)
    const teams = other.getByTestId('teams')
    await teams.getByLabel('Name of the team').fill('Đội điện')
    await teams.getByRole('button', { name: 'Add a team' }).click()
    const name = teams.locator('tr[data-team="Đội điện"] input')
    await name.fill('Đội chiếu sáng')
    await name.press('Enter')
    await teams.locator('tr[data-team="Đội chiếu sáng"]').waitFor()
    await other.goto(`${platform.url}/?lang=en`)
    await untilReady(other)
    await city.measure(['hot', 'warm'], 50)
    await vi.waitFor(async () => expect(await unacknowledged()).toBe(2), soon)
    for (const key of ['j', 'g']) await page.keyboard.press(key)
    const assign = page.getByTestId('assign')
    await assign.getByTestId('assign-to').waitFor()
    expect(await page.evaluate('document.activeElement?.dataset.testid')).toBe('assign-to')
    if (process.env.LOOK) await page.screenshot({ path: `${process.env.LOOK}/assign-dialog.png` })
    expect(await assign.getByTestId('assign-go').isDisabled()).toBe(true)
    await assign.getByTestId('assign-to').selectOption('Đội chiếu sáng')
    await assign.locator('textarea').fill('mang thang 6 m')
    await assign.getByTestId('assign-go').click()
    await assign.waitFor({ state: 'detached' })
    expect(await page.evaluate('document.activeElement?.dataset.row')).toBeTruthy()
    const assigned = (on: Page) => on.getByTestId('alert').filter({ hasText: 'Đội chiếu sáng' })
    await assigned(page).getByText('→ Đội chiếu sáng').waitFor()
    await assigned(other).getByText('→ Đội chiếu sáng').waitFor()
    expect(await other.getByTestId('alert').count()).toBe(2)
    const filter = other.getByTestId('rail-assignee')
    for (const [choice, count] of [
      ['Mine', 0],
      ['Nobody yet', 1],
      ['Đội chiếu sáng', 1],
    ] as const) {
      await filter.selectOption(choice)
      await vi.waitFor(async () => expect(await other.getByTestId('alert').count()).toBe(count), soon)
      expect(await other.getByTestId('none-of-assignee').count()).toBe(count === 0 ? 1 : 0)
    }
    if (process.env.LOOK) await other.screenshot({ path: `${process.env.LOOK}/assign-filter.png` })
    const id = await assigned(other).getAttribute('data-alert')
    await other.goto(`${platform.url}/?lang=en#view=alerts&own.assignee=me`)
    await other.getByTestId('history-assignee').waitFor()
    await other.getByTestId('history-assignee').selectOption('Đội chiếu sáng')
    const row = other.locator(`[data-testid=history-row][data-alert="${id}"]`)
    await row.waitFor()
    expect(await row.getByTestId('history-assigned').textContent()).toMatch(/Đội chiếu sáng.*mang thang 6 m/s)
    expect(await other.getByTestId('history-row').count()).toBe(1)
    await row.getByRole('button').click()
    expect(await other.getByTestId('alert-life').textContent()).toMatch(
      /Assigned.*admin → Đội chiếu sáng – mang thang 6 m/s,
    )
    if (process.env.LOOK) await other.screenshot({ path: `${process.env.LOOK}/assign-history.png` })
    const coming = other.waitForEvent('download')
    await other.getByTestId('history-csv').click()
    expect(await readFile(await (await coming).path(), 'utf8')).toMatch(
      /,Đội chiếu sáng,admin,\d{4}-\d\d-\d\d \d\d:\d\d,mang thang 6 m,/,
    )
    // taken back by the same dialog
    await assigned(page).getByRole('checkbox').check()
    await page.getByTestId('assign-selected').click()
    await assign.getByTestId('unassign').click()
    await assigned(page).waitFor({ state: 'detached' })
    await other.close()
  })

  it('nor is who saw an alert first: a row in view for a second, in a tab in front, and no wall display', async () => {
    const rows = Array.from({ length: 14 }, (_, at) => `row-${at}`)
    await open('vi', '#kiosk=1')
    const other = await browser.open({ width: 1_440, height: 700 })
    await other.goto(`${platform.url}/?token=${platform.adminToken}&lang=en`)
    await untilReady(other)
    // as a tab that is behind another one
    const setHidden = (hidden: boolean) =>
      other.evaluate(`Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${hidden ? 'hidden' : 'visible'}' });
        document.dispatchEvent(new Event('visibilitychange'))`)
    await setHidden(true)
    await city.measure(rows, 50)
    const shown = other.getByTestId('alert')
    await vi.waitFor(async () => expect(await shown.count()).toBe(14), soon)
    await vi.waitFor(async () => expect(await page.getByTestId('alert').count()).toBe(14), soon)
    // longer than a row in view takes
    const start = await other.evaluate<number>('performance.now()')
    const now = () => other.evaluate<number>('performance.now()')
    await vi.waitFor(async () => expect(await now()).toBeGreaterThan(start + 2_500), soon)
    expect((await alerts()).filter(({ seen }) => seen)).toEqual([])
    await setHidden(false)
    const first = (await shown.first().getAttribute('data-alert')) ?? ''
    const last = (await shown.last().getAttribute('data-alert')) ?? ''
    const seenOf = async (id: string) => (await alerts()).find((alert) => alert.id === id)?.seen
    await vi.waitFor(async () => expect(await seenOf(first)).toMatchObject({ by: 'admin' }), soon)
    expect(await seenOf(last)).toBeUndefined()
    await shown.last().scrollIntoViewIfNeeded()
    await vi.waitFor(async () => expect(await seenOf(last)).toMatchObject({ by: 'admin' }), soon)
    await other.goto(`${platform.url}/?lang=en#view=alerts`)
    const row = other.locator(`[data-testid=history-row][data-alert="${first}"]`)
    await row.waitFor()
    expect(await row.getByTestId('history-seen').textContent()).toMatch(/^seen after .*(s|min) by admin$/)
    await row.getByRole('button').click()
    await other.getByTestId('alert-life').waitFor()
    expect(await other.getByTestId('alert-seen').textContent()).toMatch(
      /First seen \d\d\/.* by admin, .*(s|min) after it was raised/,
    )
    expect(await other.getByTestId('alert-life').textContent()).toMatch(/First seen.*admin/)
    if (process.env.LOOK) await other.screenshot({ path: `${process.env.LOOK}/seen-history.png` })
    const coming = other.waitForEvent('download')
    await other.getByTestId('history-csv').click()
    expect(await readFile(await (await coming).path(), 'utf8')).toContain('First seen by,Seen after (s)')
    await other.close()
  })

  it('takes a double press on the button as one, and a held key too', async () => {
    await open('en')
    await city.measure(['hot'], 70)
    await vi.waitFor(async () => expect(await unacknowledged()).toBe(2), soon)
    await page.getByTestId('select-all').check()
    await page.getByTestId('shelve-selected').click()
    await dialog().locator('textarea').fill('Straw is burnt')
    await go().dblclick()
    await dialog().getByTestId('alert-sure').waitFor()
    // held down: the browser repeats it
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
    await page.getByTestId('shelve-selected').click()
    await dialog().locator('textarea').fill('Straw is burnt')
    await go().focus()
    for (let times = 0; times < 5; times++) await page.keyboard.down('Enter')
    await page.keyboard.up('Enter')
    await dialog().getByTestId('alert-sure').waitFor()
    expect(await unacknowledged()).toBe(2)
    await go().click()
    await vi.waitFor(async () => expect(await unacknowledged()).toBe(0), soon)
  })

  it('of what is not critical takes one press and no reason', async () => {
    await open('en')
    await city.measure(['warm'], 50)
    await vi.waitFor(async () => expect(await unacknowledged()).toBe(1), soon)
    for (const key of ['j', 's']) await page.keyboard.press(key)
    expect(await figure(page, 'alert-action', 'data-critical')).toBe(0)
    await go().click()
    await vi.waitFor(async () => expect(await unacknowledged()).toBe(0), soon)
  })
})
