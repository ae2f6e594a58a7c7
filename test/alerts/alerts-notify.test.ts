import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Alerts } from '#alerts/alerts.ts'
import type { NotifyOptions } from '#alerts/config.ts'
import { signatureOf } from '#alerts/notify/webhook.ts'
import type { AlertsOptions } from '#alerts/options.ts'
import type { Api } from '#api/api.ts'
import type { NotificationsResponse } from '#telemetry/alert-rest.ts'
import { get, openTestStore, startTestApi, type TestStore, until } from '../api/api-parts.ts'
import { testPassword } from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { listeningLog } from '../journal/journal-parts.ts'
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts'
import { type MailServer, startMailServer, textOfMail } from '../support/mail-server.ts'
import { City, dust, onlyDust, send, startTestAlerts, untilAlerts, untilWatching } from './alerts-parts.ts'

const secret = 'a-secret-of-this-test'
const retry = { firstMs: 10, longestMs: 20 }

describe('notifications', () => {
  let test: TestStore
  let broker: TestBroker
  let api: Api
  let city: City
  let hook: AnsweringServer
  let mail: MailServer
  let alerts: Alerts | undefined

  beforeEach(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    hook = await startAnsweringServer(() => ({ status: 204 }))
    mail = await startMailServer(secret)
    const mqtt = { url: `mqtt://127.0.0.1:${broker.mqttPort}`, username: 'api', password: testPassword }
    api = await startTestApi({ store: test.store, brokerPort: broker.mqttPort, mqtt })
    city = await City.connect(broker.mqttPort)
  })
  afterEach(async () => {
    await city.close()
    await api.close()
    await alerts?.close()
    await broker.close()
    await hook.close()
    await mail.close()
    await test.close()
  })

  const start = async (notify: Partial<NotifyOptions>, given: Partial<AlertsOptions> = {}) => {
    const limits = { gather: { gatherMs: 100, pauseMs: 300 }, delivery: { retry, attempts: 3 } }
    alerts = await startTestAlerts(test.store, broker.mqttPort, {
      notify: { language: 'vi', timeZone: 'Asia/Ho_Chi_Minh', ...notify },
      limits,
      ...given,
    })
    await untilWatching(api)
  }
  const webhook = () => ({ webhook: { url: `${hook.url}/hooks/secret-path`, secret, priority: 2 as const } })
  const email = () => ({
    email: { url: mail.url, from: 'nhip@tayninh.example', to: 'truc@tayninh.example', priority: 1 as const },
  })
  const dead = async () => (await (await get(api, '/api/v1/notifications')).json()) as NotificationsResponse

  it('reach a webhook, signed, in Vietnamese', async () => {
    await start(webhook())
    await onlyDust(api)
    await city.introduce({ kind: 'air-quality', district: 'tay-ninh', sensor: 'station-1' })
    await city.measure([dust(163.25)])
    const { headers, body } = await until('the webhook', () => hook.requests[0])
    const [, timestamp = '', signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-nhip-signature'])) ?? []
    expect(signature).toBe(signatureOf(secret, Number(timestamp), body))
    const message = JSON.parse(body)
    expect(message).toMatchObject({
      id: headers['x-nhip-delivery'],
      total: 1,
      alerts: [{ value: 163.25, rule: 'dust' }],
    })
    expect(message.subject).toBe('[Nhịp] ◆ Nghiêm trọng: Bụi mịn cao – Cảm biến station-1')
    expect(message.text).toContain('Giá trị: PM2.5 163,3 µg/m³ (ngưỡng 100,0 µg/m³)')
  })

  it('reach a mailbox over SMTP, in English', async () => {
    await start({ ...email(), language: 'en' })
    await onlyDust(api)
    await city.introduce({ kind: 'air-quality', district: 'tay-ninh', sensor: 'station-1' })
    mail.refusals.push(451)
    await city.measure([dust(163.25)])
    const text = await until('the mail', () => mail.mails[0])
    expect(text).toMatch(/^To: truc@tayninh.example/m)
    expect(textOfMail(text)).toContain('Critical: Dust high – Sensor station-1')
    expect(textOfMail(text)).toContain('Value: PM2.5 163.3 µg/m³ (limit 100.0 µg/m³)')
  })

  it('tell a flood in one message by its numbers', async () => {
    await start({ ...webhook(), language: 'en' })
    await onlyDust(api)
    await city.measure(Array.from({ length: 200 }, (_, at) => dust(200, `station-${at}`)))
    const message = JSON.parse((await until('the webhook', () => hook.requests[0])).body)
    expect(message).toMatchObject({ total: 200, subject: '[Nhịp] 200 new alerts, 200 of them critical' })
    expect(message.alerts).toHaveLength(25)
    expect(message.text).toBe('tay-ninh – beyond a limit (PM2.5): 200\n')
    expect(hook.requests).toHaveLength(1)
  })

  it('are tried again with the same id, given up after some tries, shown, and delivered by a replay', async () => {
    await start(webhook())
    await onlyDust(api)
    hook.answer = () => ({ status: 500 })
    await city.measure([dust(200)])
    const { notifications } = await until('the dead letter', async () => {
      const letters = await dead()
      return letters.total === 1 ? letters : undefined
    })
    expect(notifications[0]).toMatchObject({
      ...{ channel: 'webhook', attempts: 3, fault: 'the receiver answered HTTP 500' },
      to: new URL(hook.url).host,
    })
    expect(new Set(hook.requests.map(({ headers }) => headers['x-nhip-delivery'])).size).toBe(1)
    expect(hook.requests).toHaveLength(3)
    hook.answer = () => ({ status: 200 })
    expect((await send(api, 'POST', `/api/v1/notifications/${notifications[0]?.id}/replay`)).status).toBe(202)
    await until('the replay', async () => (await dead()).notifications[0]?.deliveredAt)
    expect(hook.requests).toHaveLength(4)
    expect((await send(api, 'POST', `/api/v1/notifications/${notifications[0]?.id}/replay`)).status).toBe(404)
  })

  it('are given up at once when the receiver says that it is no use', async () => {
    await start({ ...webhook(), ...email() })
    await onlyDust(api)
    hook.answer = () => ({ status: 410 })
    mail.refusals.push(550)
    await city.measure([dust(200)])
    await until('both dead letters', async () => (await dead()).total === 2)
    expect((await dead()).notifications.map(({ attempts }) => attempts)).toEqual([1, 1])
  })

  it('go on after a restart: neither a message nor an alert that was not told yet is lost', async () => {
    const slow = { gather: { gatherMs: 100 }, delivery: { retry: { firstMs: 60_000, longestMs: 60_000 } } }
    await start(webhook(), { limits: slow })
    await onlyDust(api)
    hook.answer = () => ({ status: 503 })
    await city.measure([dust(200)])
    await until('the first try', () => hook.requests.length === 1)
    await alerts?.close()
    hook.answer = () => ({ status: 200 })
    await start(webhook())
    await until('the same message again', () => hook.requests.length === 2)
    expect(hook.requests[1]?.headers['x-nhip-delivery']).toBe(hook.requests[0]?.headers['x-nhip-delivery'])
    await alerts?.close()
    await start({})
    await city.measure([dust(200, 'station-2')])
    await untilAlerts(api, 'the second alert', ({ length }) => length === 2)
    await alerts?.close()
    await start(webhook())
    const { body } = await until('word of the second alert', () => hook.requests[2])
    expect(JSON.parse(body)).toMatchObject({ total: 1, alerts: [{ sensors: ['station-2'] }] })
  })

  it('follow what a rule says of them, and its priority', async () => {
    await start(email())
    const rule = await onlyDust(api)
    const { id: _id, version, changedBy: _by, changedAt: _at, ...draft } = rule
    const change = (version: number, given: object) =>
      send(api, 'PUT', '/api/v1/alert-rules/dust', { version, rule: { ...draft, ...given } })
    await change(version, { notify: 'never' })
    await city.measure([dust(200, 'station-never')])
    await change(version + 1, { priority: 2 })
    await city.measure([dust(200, 'station-warning')])
    await untilAlerts(api, 'two alerts', ({ length }) => length === 2)
    await change(version + 2, { priority: 2, notify: 'always' })
    await city.measure([dust(200, 'station-always')])
    const text = await until('the mail', () => mail.mails[0])
    expect(textOfMail(text)).toContain('station-always')
    expect(textOfMail(text)).not.toMatch(/station-(never|warning)/)
  })

  it('never put a secret into the log', async () => {
    const { log, lines } = listeningLog()
    await start({ ...webhook(), ...email() }, { log })
    await onlyDust(api)
    hook.answer = () => ({ status: 500 })
    mail.refusals.push(550)
    await city.measure([dust(200)])
    await until('both dead letters', async () => (await dead()).total === 2)
    expect(lines.join('')).toContain('a notification was not delivered')
    expect(lines.join('')).not.toContain(secret)
    expect(lines.join('')).not.toContain('secret-path')
  })
})
