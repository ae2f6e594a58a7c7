import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { invitedPersonResponse } from '#telemetry/accounts.ts'
import type { PersonRole } from '#telemetry/people.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { type AlertCity, addRules, connectCity, heatRule } from './alert-city.ts'
import { figure, findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'

const soon = { timeout: 30_000, interval: 100 }
const password = 'mật khẩu của ca trực'

describe.skipIf(!findChromium() && !process.env.CI)('the shift log, of two people at two browsers', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let city: AlertCity
  let lan: Page
  let minh: Page

  const ask = (path: string, body: object, token = platform.adminToken) =>
    fetch(`${platform.url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  /** A page of somebody who has just come. */
  const welcome = async (name: string, role: PersonRole, language: 'vi' | 'en') => {
    const answer = await ask('/people', { name, role })
    const { invitation } = invitedPersonResponse.parse(await answer.json())
    const page = await browser.open()
    await page.addInitScript(`localStorage.setItem('nhip-language', '${language}')`)
    await page.goto(`${platform.url}/#invite=${invitation.token}`)
    await page.locator('input[name=new]').fill(password)
    await page.locator('input[name=repeat]').fill(password)
    await page.keyboard.press('Enter')
    await untilReady(page)
    return page
  }
  const duty = (page: Page) => page.getByTestId('duty-line').textContent()
  const entry = (page: Page, text: string) => page.getByTestId('shift-entry').filter({ hasText: text })
  const save = async (page: Page, text: string) => {
    await page.getByTestId('note-form').locator('textarea').fill(text)
    await page.getByTestId('note-save').click()
    await page.getByTestId('note-form').waitFor({ state: 'detached' })
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-shift-'))
    browser = await startBrowser()
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '0', SAMPLE_SENSORS: 'false' })
    city = await connectCity(platform)
    await city.measure(['hot', 'warm'], 20)
    await addRules(platform, [
      heatRule({ vi: 'Nóng', en: 'Hot' }, 2, 45),
      heatRule({ vi: 'Rất nóng', en: 'Very hot' }, 1, 60),
    ])
    lan = await welcome('Lan', 'operator', 'vi')
    minh = await welcome('Minh', 'operator', 'en')
  }, 60_000)
  afterAll(async () => {
    expect(browser.complaints).toEqual([])
    await city?.close()
    await browser?.close()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('says on every page who is on duty', async () => {
    await vi.waitFor(async () => expect(await duty(minh)).toBe('Nobody is on duty'), soon)
    await lan.keyboard.press('h')
    await lan.getByTestId('take-duty').click()
    await lan.getByTestId('leave-duty').waitFor()
    await vi.waitFor(async () => expect(await duty(minh)).toBe('On duty: Lan'), soon)
  })

  it('takes a note that is begun at the row of an alert, by button and by key, and at a sensor', async () => {
    await city.measure(['warm'], 50)
    await lan.getByTestId('menu').waitFor()
    await lan.goto(`${platform.url}/#`)
    await untilReady(lan)
    await lan.getByTestId('note-alert').first().click()
    expect(await lan.getByTestId('note-about').inputValue()).toBe('alert')
    await lan.keyboard.press('Escape')
    await lan.getByTestId('note-form').waitFor({ state: 'detached' })
    await lan.keyboard.press('j')
    await lan.keyboard.press('n')
    await save(lan, '=Đốt rơm gần trạm\nđã báo phường')
    // the focus goes back to the row
    expect(await lan.evaluate(`document.activeElement?.closest('[data-row]') !== null`)).toBe(true)
    await lan.getByTestId('alert').first().locator('.what').click()
    await lan.getByTestId('note-sensor').click()
    expect(await lan.getByTestId('note-about').inputValue()).toBe('sensor')
    await save(lan, 'Trạm chạy tốt')
    // the other one reads both, as they come
    await minh.keyboard.press('h')
    await entry(minh, 'Trạm chạy tốt').getByText('Test station warm').waitFor()
    await entry(minh, 'Đốt rơm').getByText('Hot –').waitFor()
    await entry(minh, 'Đốt rơm').getByRole('button', { name: 'Correct' }).click()
    await save(minh, 'Đốt rác, không phải rơm')
    await lan.keyboard.press('Escape')
    await lan.keyboard.press('h')
    await entry(lan, 'Đốt rác').locator('s').waitFor()
    expect(await entry(lan, 'Đốt rác').locator('s').textContent()).toContain('Đốt rơm')
  })

  it('takes a note about a place and of an earlier time, and says what is missing', async () => {
    await lan.keyboard.press('n')
    await lan.getByTestId('note-save').click()
    await lan.getByTestId('note-form').getByRole('alert').getByText('Hãy ghi nội dung.').waitFor()
    await lan.getByTestId('note-about').selectOption('point')
    await lan.getByTestId('note-point').fill('Cầu Quan')
    await save(lan, 'Ngập 20 cm')
    await entry(lan, 'Ngập 20 cm').getByText('Cầu Quan').waitFor()
    await lan.keyboard.press('n')
    await lan.getByTestId('note-about').selectOption('area')
    await save(lan, 'Mất điện')
    await entry(lan, 'Mất điện').waitFor()
  })

  it('is downloaded as CSV, in which no text is a formula, and printed', async () => {
    const coming = lan.waitForEvent('download')
    await lan.getByTestId('shift-csv').click()
    const download = await coming
    expect(download.suggestedFilename()).toMatch(/^so-truc-\d{4}-\d\d-\d\d\.csv$/)
    const text = await readFile(await download.path(), 'utf8')
    expect(text).toMatch(/^\ufeffMã,Ghi lúc \(Asia\/Ho_Chi_Minh\),/)
    expect(text).toContain('" =Đốt rơm gần trạm\nđã báo phường","Đốt rác, không phải rơm",Minh\r\n')
    await lan.emulateMedia({ media: 'print' })
    expect(await lan.getByTestId('shift-csv').isVisible()).toBe(false)
    expect(await entry(lan, 'Mất điện').isVisible()).toBe(true)
    await lan.emulateMedia({ media: 'screen' })
  })

  it('is handed over: what comes while it is read has to be read, then it is signed, kept and printed', async () => {
    await minh.getByTestId('shift-hand-over').click()
    await minh.getByTestId('hand-over-open').first().waitFor()
    expect(await minh.getByTestId('hand-over-open').count()).toBe(1)
    expect(await minh.getByTestId('hand-over-note').count()).toBe(4)
    expect(await minh.getByTestId('sign').isDisabled()).toBe(true)
    await minh.getByTestId('has-read').check()
    await city.measure(['hot'], 70)
    // a critical alert: not to be signed before it was seen
    await vi.waitFor(async () => expect(await figure(minh, 'hand-over-changes', 'data-changes')).toBe(2), soon)
    expect(await minh.getByTestId('sign').isDisabled()).toBe(true)
    await minh.getByTestId('read-again').click()
    expect(await minh.getByTestId('hand-over-open').first().textContent()).toMatch(/Very hot.*new/s)
    await minh.getByTestId('has-read').check()
    await minh.getByTestId('sign-form').locator('textarea').fill('All clear to me')
    // somebody who was to hand over has left, and the page does not know it yet: it says why it was refused, and goes on saying so
    let release = () => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    await minh.route('**/shift-log/snapshot', async (route) => {
      await held
      await route.continue()
    })
    expect((await ask('/shift-log/duty', { step: 'end', person: 'Lan' })).status).toBe(200)
    await minh.getByTestId('sign').click()
    await minh.getByTestId('sign-form').getByText('Lan is not on duty').waitFor()
    expect(browser.complaints.splice(0).join('\n')).toMatch(/hand-overs answered 409/)
    release()
    await minh.getByTestId('sign-alone').waitFor()
    expect(await minh.getByTestId('sign-form').getByText('Lan is not on duty').isVisible()).toBe(true)
    await lan.getByTestId('take-duty').click()
    await minh.getByTestId('sign-alone').waitFor({ state: 'detached' })
    await minh.getByTestId('sign').click()
    await minh.getByTestId('signed-hand-over').waitFor()
    await vi.waitFor(async () => expect(await lan.getByTestId('on-duty').textContent()).toMatch(/Minh/), soon)
    expect(await lan.getByTestId('on-duty').textContent()).not.toMatch(/Lan/)
    // the one who left reads what was signed
    await lan.getByTestId('shift-past').click()
    await lan.getByTestId('past-hand-over').getByRole('button').click()
    const signed = lan.getByTestId('signed-hand-over')
    await signed.waitFor()
    expect(await signed.textContent()).toMatch(/Người giao ca.*Lan.*Người nhận ca.*Minh, ký lúc.*All clear to me/s)
    expect(await signed.getByTestId('hand-over-open').count()).toBe(3)
    await lan.evaluate('globalThis.print = () => { globalThis.printed = true }')
    await lan.getByTestId('hand-over-print').click()
    expect(await lan.evaluate('globalThis.printed')).toBe(true)
    await lan.emulateMedia({ media: 'print' })
    expect(await signed.getByText('(ký, ghi rõ họ tên)').first().isVisible()).toBe(true)
    for (const hidden of ['shift-log', 'hand-over-print', 'menu', 'on-duty'])
      expect(await lan.getByTestId(hidden).isVisible(), hidden).toBe(false)
  })
})
