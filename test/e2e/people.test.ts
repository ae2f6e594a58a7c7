import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultTimeZone } from '#telemetry/time-zone.ts'
import { zoneOf } from '../../dashboard/src/i18n/zone.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { findChromium, startBrowser, type TestBrowser } from './browser.ts'

const { fieldOf } = zoneOf(defaultTimeZone)
const password = 'mật khẩu của chị Lan'

describe.skipIf(!findChromium() && !process.env.CI)('the pages of people, keys and trail', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let admin: Page
  let person: Page
  let link = ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-people-'))
    browser = await startBrowser()
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '10' })
    admin = await browser.open()
    await admin.goto(platform.loginUrl)
    await admin.getByTestId('menu').waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })
  const openPage = (page: Page, name: string) => page.goto(`${platform.url}/?lang=en#view=${name}`)
  const signIn = async (secret: string) => {
    await person.locator('input[name=name]').fill('Chị Lan')
    await person.locator('input[name=password]').fill(secret)
    await person.keyboard.press('Enter')
  }

  it('say in the language of the page what is wrong with a name', async () => {
    await admin.goto(`${platform.url}/?lang=vi#view=people`)
    const page = admin.getByTestId('people')
    for (const [name, words] of [
      ['Lan!', 'chỉ gồm 1 đến 64 chữ cái'],
      ['Admin', 'trông giống một tên đã có'],
    ] as const) {
      await page.getByLabel('Tên').fill(name)
      await page.getByRole('button', { name: 'Thêm' }).click()
      await page.getByRole('alert').getByText(words).waitFor()
    }
  })

  it('let an admin add somebody, who chooses a password by the link that is shown once', async () => {
    await openPage(admin, 'people')
    const page = admin.getByTestId('people')
    await page.getByLabel('Name').fill('Chị Lan')
    await page.locator('form select').selectOption('operator')
    await page.getByRole('button', { name: 'Add' }).click()
    link = (await page.getByTestId('secret').locator('code').textContent()) ?? ''
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#invite=/)
    await page.locator('tr[data-person="Chị Lan"]').getByText('invited').waitFor()

    person = await browser.open()
    await person.goto(link)
    await person.locator('input[name=new]').fill(password)
    await person.locator('input[name=repeat]').fill('something else entirely')
    await person.keyboard.press('Enter')
    await person.getByRole('alert').waitFor()
    await person.locator('input[name=repeat]').fill(password)
    await person.keyboard.press('Enter')
    await person.getByTestId('menu').waitFor()
    expect(person.url()).not.toContain('invite')
  })

  it('show nobody what their role may not do', async () => {
    await person.getByTestId('menu').click()
    const names = await person.locator('#menu-list button').allTextContents()
    expect(names.map((name) => name.trim())).toEqual(
      expect.arrayContaining(['Tài khoản của tôi', 'Bản tin bị từ chối']),
    )
    for (const hidden of ['Người dùng', 'Nhật ký thao tác', 'Khóa API'])
      expect(names.map((name) => name.trim())).not.toContain(hidden)
    await openPage(person, 'people')
    await person.getByTestId('section-people').waitFor()
    expect(await person.getByTestId('people').count()).toBe(0)
  })

  it('let a person sign out and in again by name, and say when the password is wrong', async () => {
    await openPage(person, 'account')
    await person.getByRole('button', { name: 'Sign out', exact: true }).click()
    await person.getByTestId('sign-in').waitFor()
    await signIn('not the password')
    await person.getByRole('alert').waitFor()
    // as in another tab: this one goes on too, once somebody looks at it
    const body = JSON.stringify(JSON.stringify({ name: 'Chị Lan', password }))
    await person.evaluate(
      `fetch('/api/v1/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${body} })`,
    )
    await person.evaluate(`dispatchEvent(new Event('focus'))`)
    await person.getByTestId('menu').waitFor()
    await openPage(person, 'account')
    await person.getByRole('button', { name: 'Sign out', exact: true }).click()
    await person.getByTestId('sign-in').waitFor()
    await signIn(password)
    await person.getByTestId('menu').waitFor()
  })

  /** What the sign-in page says in each language of why one is there. */
  const reasons = async (page: Page) => {
    const said: string[] = []
    for (const language of ['vi', 'en']) {
      await page.locator(`[data-language=${language}]`).click()
      await page.locator(`html[lang=${language}]`).waitFor()
      if (process.env.LOOK) await page.screenshot({ path: `${process.env.LOOK}/sign-in-${Date.now()}.png` })
      said.push((await page.getByTestId('sign-in-reason').textContent())?.trim() ?? '')
    }
    return said
  }

  it('say that a one-time link was used, to whoever opens it once more', async () => {
    const late = await browser.open()
    await late.goto(link.replace('/#', '/?lang=en#'))
    await late.locator('input[name=new]').fill(password)
    await late.locator('input[name=repeat]').fill(password)
    await late.keyboard.press('Enter')
    await late.getByRole('alert').getByText('This link was used already').waitFor()
    // the link of the start was used by the admin
    await late.goto(platform.loginUrl)
    await late.getByTestId('sign-in').waitFor()
    expect(await reasons(late)).toEqual([
      expect.stringMatching(/đã được dùng.*Hãy đăng nhập/),
      expect.stringMatching(/used already.*Sign in with name and password/),
    ])
    await late.goto(`${platform.url}/?token=of-another-start`)
    await late.getByTestId('sign-in-reason').getByText('earlier start').waitFor()
    await late.close()
  })

  it('say that a role was changed, and go on with the rights of the new one', async () => {
    await openPage(admin, 'people')
    const row = admin.locator('tr[data-person="Chị Lan"]')
    await openPage(person, 'quarantine')
    await person.getByTestId('section-quarantine').waitFor()
    await row.locator('select').selectOption('viewer')
    await person.getByTestId('sign-in').waitFor({ timeout: 20_000 })
    expect(await reasons(person)).toEqual([
      expect.stringMatching(/đã đổi vai trò.*Hãy đăng nhập lại/),
      expect.stringMatching(/changed your role.*Sign in again/),
    ])
    await signIn(password)
    await person.getByTestId('section-quarantine').waitFor()
    await person.getByText('may not see this page').waitFor()
  })

  it('say that a session was ended', async () => {
    await openPage(admin, 'people')
    await admin.locator('tr[data-person="Chị Lan"]').getByRole('button', { name: 'End sessions' }).click()
    await person.getByTestId('sign-in').waitFor({ timeout: 20_000 })
    expect(await reasons(person)).toEqual([
      expect.stringMatching(/Mọi phiên .* kết thúc/),
      expect.stringMatching(/Every session .* ended/),
    ])
    await signIn(password)
    await person.getByTestId('menu').waitFor()
  })

  it('send a person back to the sign-in when an admin keeps them out, and say so', async () => {
    await openPage(admin, 'people')
    const row = admin.locator('tr[data-person="Chị Lan"]')
    await row.getByRole('button', { name: 'Disable' }).click()
    await admin.getByRole('button', { name: 'Go on' }).click()
    await row.getByText('disabled').waitFor()
    await person.getByTestId('sign-in').waitFor({ timeout: 20_000 })
    expect(await reasons(person)).toEqual([
      expect.stringMatching(/đã bị khóa.*hỏi quản trị viên/),
      expect.stringMatching(/is disabled.*Ask an admin/),
    ])
  })

  it('let an admin make a key that is shown once, and revoke it', async () => {
    await openPage(admin, 'keys')
    const page = admin.getByTestId('keys')
    await page.getByLabel('Name').fill('export')
    await page.getByRole('button', { name: 'Make a key' }).click()
    const key = (await page.getByTestId('secret').locator('code').textContent()) ?? ''
    const ask = () => fetch(`${platform.url}/api/v1/sensors`, { headers: { authorization: `Bearer ${key}` } })
    expect((await ask()).status).toBe(200)
    await page.getByRole('button', { name: 'Done' }).click()
    await page.locator('tr[data-key=export]').getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.locator('tr[data-key=export]').waitFor({ state: 'detached' })
    expect((await ask()).status).toBe(401)
  })

  it('show who did what, and by whom alone when asked', async () => {
    await openPage(admin, 'trail')
    const page = admin.getByTestId('trail')
    await page.locator('tr[data-what="key.revoke"]').waitFor()
    expect(await page.locator('tr[data-what="session.refuse"]').count()).toBeGreaterThan(0)
    await page.getByLabel('Person').fill('Chị Lan')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.locator('tr[data-what="key.revoke"]').waitFor({ state: 'detached' })
    for (const text of await page.locator('tbody tr').allTextContents()) expect(text).toContain('Chị Lan')
    // times are those of the districts, wherever the browser is
    const rows = page.locator('tr[data-what="session.refuse"]')
    await page.getByLabel('Person').fill('')
    await page.getByLabel('From').fill(fieldOf(Date.now() - 600_000))
    await page.getByLabel('To').fill(fieldOf(Date.now() + 60_000))
    await page.getByRole('button', { name: 'Show' }).click()
    await page.locator('tr[data-what="key.revoke"]').waitFor()
    await page.getByLabel('From').fill(fieldOf(Date.now() + 60_000))
    await page.getByRole('button', { name: 'Show' }).click()
    await rows.first().waitFor({ state: 'detached' })
    // refusals are what was tried here; nothing else went wrong
    const others = browser.complaints.splice(0).filter((text) => !/400|401|409|websocket|WebSocket/.test(text))
    expect(others).toEqual([])
  })
})
