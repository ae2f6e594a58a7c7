import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { AlertDigest } from '#alerts/notify/alert-digest.ts'
import { emailChannel } from '#alerts/notify/email.ts'
import type { Channel } from '#alerts/notify/message.ts'
import { writeMessage } from '#alerts/notify/templates.ts'
import { webhookChannel } from '#alerts/notify/webhook.ts'
import { type Alert, alertStates } from '#telemetry/alert.ts'
import { causes } from '#telemetry/alert-condition.ts'
import type { Priority } from '#telemetry/alert-rule.ts'
import { type Language, languages } from '#telemetry/language.ts'
import { aqiBands } from '#telemetry/vn-aqi.ts'
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts'
import { type MailServer, startMailServer, textOfMail } from '../support/mail-server.ts'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { type AlertCity, addRules, connectCity, heatRule } from './alert-city.ts'
import { findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'

/** What a place calls each thing, in lower case; a place does not name everything. */
type Said = Readonly<Record<string, string>>

const secret = 'a-secret-of-this-test'
const priorities: readonly Priority[] = [1, 2, 3]
const openStates = alertStates.filter((state) => state !== 'closed')

const alertOf = (given: Partial<Alert>): Alert => ({
  ...{ id: 'a-1', revision: 1, rule: 'heat', name: { vi: 'Nóng', en: 'Hot' }, cause: 'threshold', priority: 1 },
  ...{ kind: 'air-quality', sensors: ['station-1'], district: 'tay-ninh', group: 'g', unit: '', raisedAt: 0 },
  ...{ occurrences: 1, ...given },
})

/** Text of the message that tells of these alerts, as it is sent. */
function messageOf(alerts: readonly Alert[], language: Language): { subject: string; text: string } {
  const digest = new AlertDigest()
  for (const alert of alerts) digest.add(alert)
  // a place without a name is told by its id
  const names = { sensor: () => undefined, place: () => undefined }
  return writeMessage(digest, { language, names, timeZone: 'UTC' })
}

const lower = (said: Record<string, string>): Said =>
  Object.fromEntries(Object.entries(said).map(([thing, word]) => [thing, word.trim().toLowerCase()]))

/** Texts of the options of a select by their values, without the one that means all. */
async function optionsOf(select: Locator): Promise<Said> {
  await select.waitFor()
  const pairs = await select.evaluate((element) =>
    [...(element as unknown as { options: Iterable<{ value: string; text: string }> }).options].map(
      ({ value, text }) => [value, text] as const,
    ),
  )
  return lower(Object.fromEntries(pairs.filter(([value]) => value !== '')))
}

/** What the description of an enum says of its values: `value`: English / Vietnamese; … */
function wordsIn(document: unknown, values: readonly string[], language: Language): Said {
  const found = new Set<string>()
  const look = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return
    const { description } = part as { description?: unknown }
    if (typeof description === 'string' && values.every((value) => description.includes(`\`${value}\`: `)))
      found.add(description)
    for (const inner of Object.values(part)) look(inner)
  }
  look(document)
  // described once, wherever it is used
  expect(found.size, `descriptions of ${values.join()}`).toBe(1)
  const [description = ''] = found
  const said = description.split('; ').map((each) => /^`(.+)`: (.+) \/ (.+)$/.exec(each) ?? [])
  return lower(Object.fromEntries(said.map(([, value = '', en = '', vi = '']) => [value, language === 'en' ? en : vi])))
}

describe.skipIf(!findChromium() && !process.env.CI)('one word for one thing', () => {
  let folder: string
  let platform: PlatformProcess
  let browser: TestBrowser
  let city: AlertCity
  let hook: AnsweringServer
  let mail: MailServer
  let api: unknown
  let channels: Channel[]
  let page: Page

  const ask = (path: string, body?: object) =>
    fetch(`${platform.url}${path}`, {
      headers: { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })

  /** The open alerts, once they are so. */
  const untilAlerts = (so: (alerts: readonly Alert[]) => boolean) =>
    vi.waitFor(
      async () => {
        const { alerts } = (await (await ask('/api/v1/alerts')).json()) as { alerts: Alert[] }
        expect(alerts).toSatisfy(so)
        return alerts
      },
      { timeout: 30_000, interval: 200 },
    )

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-words-'))
    browser = await startBrowser()
    hook = await startAnsweringServer(() => ({ status: 204 }))
    mail = await startMailServer(secret)
    channels = [
      webhookChannel({ url: `${hook.url}/hook`, secret }),
      emailChannel({ url: mail.url, from: 'nhip@city.example', to: 'duty@city.example' }),
    ]
    platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '10' })
    api = await (await ask('/api/openapi.json')).json()
    city = await connectCity(platform)
    await addRules(platform, [heatRule({ vi: 'Nóng', en: 'Hot' }, 2, 45)])
    await city.measure(openStates, 50)
    const opened = await untilAlerts(({ length }) => length === openStates.length)
    const idOf = (state: string) => opened.find(({ sensors }) => sensors[0] === state)?.id
    await city.measure(['returned'], 20)
    await ask('/api/v1/alerts/acknowledge', { ids: [idOf('acknowledged')] })
    await ask('/api/v1/alerts/shelve', { ids: [idOf('shelved')], minutes: 60 })
    await untilAlerts((alerts) => alerts.some(({ clearedAt }) => clearedAt !== undefined))
    page = await browser.open()
    await page.goto(`${platform.url}/?token=${platform.adminToken}`)
    await untilReady(page)
  })
  afterAll(async () => {
    await city?.close()
    for (const channel of channels ?? []) channel.close()
    await browser?.close()
    await platform?.stop('SIGKILL')
    await hook?.close()
    await mail?.close()
    await rm(folder, { recursive: true, force: true })
  })

  /** Shows a part of the page in a language. */
  const show = async (hash: string, language: Language) => {
    await page.evaluate(`localStorage.setItem('nhip-language', '${language}')`)
    await page.goto(`${platform.url}/#${hash}`)
    await page.reload()
    await untilReady(page)
    expect(await page.locator('html').getAttribute('lang')).toBe(language)
  }
  /** Texts that reach webhook and mailbox, each once. */
  const send = async (alerts: readonly Alert[], language: Language) => {
    const { subject, text } = messageOf(alerts, language)
    hook.requests.length = 0
    mail.mails.length = 0
    for (const channel of channels)
      await channel.deliver({
        ...{ id: 'm-1', channel: channel.name, at: 0, subject, text },
        ...{ alerts: [...alerts], total: alerts.length },
      })
    const [request] = hook.requests
    const [letter = ''] = mail.mails
    return [(JSON.parse(request?.body ?? '{}') as { text: string }).text, textOfMail(letter)]
  }

  it.each(languages)('of priorities, for page, webhook, e-mail and the API: %s', async (language) => {
    await show('view=alerts', language)
    const history = await optionsOf(page.getByTestId('history-priority'))
    await show('', language)
    const figures = await page
      .locator('header [data-testid^=count-]:not([data-testid=count-shelved]) .word')
      .allTextContents()
    const states = await optionsOf(page.getByTestId('state'))
    const messages: Record<string, string>[] = [{}, {}]
    for (const priority of priorities) {
      const texts = await send([alertOf({ priority })], language)
      for (const [at, text] of texts.entries())
        (messages[at] ?? {})[priority] = /^\S (.+?): /.exec(text.trim())?.[1] ?? ''
    }
    for (const said of messages) expect(lower(said)).toEqual(history)
    expect(wordsIn(api, priorities.map(String), language)).toEqual(history)
    expect(lower(Object.fromEntries(figures.map((word, at) => [priorities[at], word])))).toEqual(history)
    expect([states.critical, states.warning, states.notice]).toEqual([
      ...[`◆ ${history[1]}`, `▲ ${history[2]}`, `■ ${history[3]}`],
    ])
  })

  it.each(languages)('of causes, for page, webhook, e-mail and the API: %s', async (language) => {
    await show('view=alerts', language)
    const history = await optionsOf(page.getByTestId('history-cause'))
    expect(Object.keys(history)).toEqual(causes)
    await show('view=rules', language)
    await page.getByTestId('add-rule').click()
    expect(await optionsOf(page.locator('[data-field=cause]'))).toEqual(history)
    const flood = causes.map((cause) => alertOf({ cause, group: cause, district: cause }))
    for (const text of await send(flood, language)) {
      const rows = text.trim().split(/\r?\n/)
      const said = rows.map((row) => /^(\S+) – (.+): 1$/.exec(row) ?? [])
      expect(lower(Object.fromEntries(said.map(([, cause = '', word = '']) => [cause, word])))).toEqual(history)
    }
    expect(wordsIn(api, causes, language)).toEqual(history)
  })

  it.each(languages)('of the states of an alert, for the panel and the API: %s', async (language) => {
    const described = wordsIn(api, alertStates, language)
    for (const state of openStates) {
      await show(`sensor=${state}`, language)
      const row = page.getByTestId('sensor-alerts').locator('li .soft').first()
      await vi.waitFor(async () => {
        const [word = ''] = ((await row.textContent()) ?? '').split(' · ')
        expect(word.trim().toLowerCase()).toBe(described[state])
      }, 10_000)
    }
  })

  it.each(languages)('of bands of VN_AQI, for legend, rules and the API: %s', async (language) => {
    await show('layers=air-quality', language)
    const lines = await page.getByTestId('aqi-legend').locator('li').allTextContents()
    const legend = lower(
      Object.fromEntries(aqiBands.map(({ id }, at) => [id, /: (.+)$/.exec((lines[at] ?? '').trim())?.[1] ?? ''])),
    )
    await show('view=rules', language)
    await page.getByTestId('add-rule').click()
    await page.locator('[data-field=cause]').selectOption('vn-aqi')
    const { good: _, ...alerting } = legend
    expect(await optionsOf(page.locator('[data-field=band]'))).toEqual(alerting)
    expect(wordsIn(api, Object.keys(alerting), language)).toEqual(alerting)
  })

  it.each(languages)('of freshness and connections, for header, filter, legend and the API: %s', async (language) => {
    await show('', language)
    const figures = await page.locator('header dl dt').allTextContents()
    const [fresh = '', stale = '', offline = ''] = figures.map((word) => word.toLowerCase())
    const states = await optionsOf(page.getByTestId('state'))
    expect(states).toMatchObject({ stale, offline })
    const legend = (await page.getByTestId('legend').textContent()) ?? ''
    for (const word of [fresh, stale, offline]) expect(legend).toContain(word)
    const connections = wordsIn(api, ['online', 'offline'], language)
    expect(connections.offline).toBe(offline)
    await show('view=devices&w-q=lighting', language)
    const connected = page.locator('[data-testid=devices] tr[data-sensor] td:last-child').first()
    expect((await connected.textContent())?.toLowerCase()).toBe(connections.online)
  })
})
