import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { changeCredentials } from '#broker/auth/credentials-file.ts'
import { hashSecret, newSecret } from '#broker/auth/secret.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { findChromium, startBrowser, type TestBrowser } from './browser.ts'

const soon = { timeout: 30_000, interval: 200 }
const own = (channel: string) => `city/v1/tay-ninh/traffic/counter-1/${channel}`

describe.skipIf(!findChromium() && !process.env.CI)('the page about devices that are not here', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let page: Page

  const connect = (clientId: string, username: string, password: string) =>
    mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
      ...{ clientId, username, password, protocolVersion: 4, reconnectPeriod: 0 },
    })
  const open = async (language: 'vi' | 'en', hash = '') => {
    page = await browser.open({ height: 1_000 })
    await page.addInitScript(`localStorage.setItem('nhip-language', '${language}')`)
    await page.goto(`${platform.url}/?token=${platform.adminToken}${hash}`)
  }
  const devices = () => page.getByTestId('devices')
  const untilSays = (words: string) =>
    vi.waitFor(async () => expect(await devices().textContent()).toContain(words), soon)

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-devices-'))
    browser = await startBrowser()
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '0', BACKFILL_DAYS: '0' })
  })
  afterAll(async () => {
    await browser?.close()
    await platform?.stop('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  it('is empty in a city where all is well, and opened with the keyboard from the menu', async () => {
    await open('vi')
    await page.getByTestId('menu').waitFor()
    await page.getByTestId('menu').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Thiết bị chưa có mặt' }).focus()
    await page.keyboard.press('Enter')
    await untilSays('Không có gì bị từ chối.')
    await untilSays('Những gì 1 máy chủ MQTT của hệ thống từ chối.')
    await untilSays('Không có bản tin nào bị từ chối.')
    await untilSays('Không cảm biến nào có đồng hồ sai.')
    expect(page.url()).toContain('view=devices')
    await page.context().close()
  })

  it('tells in both languages what was refused, and finds it by what is typed', async () => {
    const secret = newSecret()
    const hash = await hashSecret(secret)
    const createdAt = new Date().toISOString()
    await changeCredentials(join(folder, 'data/credentials.json'), (credentials) => {
      credentials.set('counter-1', { role: 'sensor', district: 'tay-ninh', kind: 'traffic', hash, createdAt })
    })
    const client = await vi.waitFor(() => connect('esp-1', 'counter-1', secret), soon)
    client.on('error', () => {})
    await client.publishAsync(own('meta'), JSON.stringify({ position: [11.3, 106.1], period: 5 }), {
      ...{ qos: 1, retain: true },
    })
    const gone = new Promise<void>((resolve) => client.once('close', () => resolve()))
    client.publish(own('readings'), '{}', { qos: 1 }, () => {})
    await gone
    await connect('esp-2', 'lamp-nobody', 'guess').catch(() => {})

    const words = {
      vi: [
        ...['Không được gửi tới chủ đề này', `Chủ đề đúng gần nhất: ${own('reading')}`, 'mã máy khách esp-1'],
        ...['Sai tên đăng nhập hoặc mật khẩu', 'tên chưa được cấp (lamp-…)', 'phải là kinh độ trước, vĩ độ sau'],
      ],
      en: [
        ...['It may not publish to this topic', `Nearest right topic: ${own('reading')}`, 'client id esp-1'],
        ...['Wrong user name or password', 'a name that was not added (lamp-…)', 'must be longitude, then latitude'],
      ],
    }
    for (const language of ['vi', 'en'] as const) {
      await open(language, '#view=devices')
      for (const one of words[language]) await untilSays(one)
      if (process.env.LOOK) await page.screenshot({ path: `${process.env.LOOK}/devices-${language}.png` })
      await page.getByRole('searchbox').last().fill('esp-2')
      await page.keyboard.press('Enter')
      await page.locator('[data-testid=devices][data-search=esp-2]').waitFor()
      expect(await devices().textContent()).not.toContain(own('reading'))
      await untilSays('lamp-…')
      expect(page.url()).toContain('w-q=esp-2')
      await page.context().close()
    }
    expect(browser.complaints).toEqual([])
  })

  it('shows in quarantine all that is wrong with a message, what of it is stored, and what cannot be seen of it', async () => {
    const client = await connect('walker', 'admin', platform.adminToken)
    const publish = (text: string) => client.publishAsync(own('reading'), text, { qos: 1 })
    await publish(`{"ts":${Date.now()},"averageVehicleSpeed":"fast","cars":-3,"occupancy":0.5}`)
    await publish('{"ts":1,"note":"a\u202eb"}')
    await publish('')
    await client.endAsync()
    const words = {
      vi: [
        ...['averageVehicleSpeed: là "fast", phải là số; cars: là -3, phải từ 0 trở lên'],
        ...['Các giá trị khác của bản tin đã được lưu.', 'a\\u202eb', '(bản tin rỗng)'],
      ],
      en: [
        ...['averageVehicleSpeed: is "fast", must be a number; cars: is -3, must be at least 0'],
        ...['Its other values are stored.', 'a\\u202eb', '(an empty message)'],
      ],
    }
    for (const language of ['vi', 'en'] as const) {
      await open(language, '#view=quarantine')
      const text = () => page.getByTestId('quarantine').textContent()
      for (const one of words[language]) await vi.waitFor(async () => expect(await text()).toContain(one), soon)
      if (process.env.LOOK) await page.screenshot({ path: `${process.env.LOOK}/quarantine-${language}.png` })
      await page.context().close()
    }
    expect(browser.complaints).toEqual([])
  })

  it('names the district of a sensor as people call it, in both languages', async () => {
    for (const [language, name] of [
      ['vi', 'Thành phố Tây Ninh (cũ)'],
      ['en', 'Tây Ninh city (former)'],
    ] as const) {
      await open(language, '#view=devices&w-q=counter-1')
      const row = devices().locator('tr[data-sensor=counter-1]')
      await vi.waitFor(async () => expect(await row.textContent()).toContain(name), soon)
      expect(await row.textContent()).not.toContain('tay-ninh')
      await page.context().close()
    }
  })
})
