import type { MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { askedSchema } from '#telemetry/alert-requests.ts'
import { alertRulesResponse, notificationsResponse } from '#telemetry/alert-rest.ts'
import { alertAnswerTopic, alertRequestTopic, alertStateTopic } from '#telemetry/topics.ts'
import {
  connectDevices,
  get,
  openTestStore,
  startTestApi,
  startTestBroker,
  type TestBroker,
  type TestStore,
  until,
} from './api-parts.ts'

const now = Date.UTC(2026, 10, 20, 6)
const rule = {
  ...{ id: 'dust', version: 1, changedBy: 'system', changedAt: now },
  ...{ name: { vi: 'Bụi mịn cao', en: 'Dust high' }, enabled: true, priority: 1, notify: 'by-priority' },
  scope: { kind: 'air-quality' },
  condition: { type: 'threshold', value: 'pm25', above: 100, hysteresis: 10, forSeconds: 0 },
}
const letter = {
  ...{ id: 'n1', channel: 'webhook', to: 'hooks.example', subject: 'Dust', alerts: ['a1'] },
  ...{ at: now, diedAt: now, attempts: 3, fault: 'did not answer' },
}
/** what alerts of a newer release answers, by the type of the request */
const answers: Readonly<Record<string, unknown>> = {
  current: { session: 's', seq: 0, alerts: [] },
  rules: { rules: [{ ...rule, id: 'tide', scope: { kind: 'tide' } }, rule] },
  notifications: { total: 2, notifications: [{ ...letter, id: 'n2', channel: 'pigeon' }, letter] },
}

describe('an api beside alerts of a newer release', () => {
  let broker: TestBroker
  let test: TestStore
  let api: Api
  let alerts: MqttClient

  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    alerts = await connectDevices(broker.port)
    alerts.on('message', (_topic, payload) => {
      const { id, answerTo, request } = askedSchema.parse(JSON.parse(payload.toString()))
      const piece = JSON.stringify({ ok: true, result: answers[request.type] })
      alerts.publish(alertAnswerTopic(answerTo), JSON.stringify({ id, piece, isLast: true }), { qos: 1 })
    })
    await alerts.subscribeAsync(alertRequestTopic, { qos: 1 })
    await alerts.publishAsync(alertStateTopic, JSON.stringify({ up: true, session: 's', seq: 0 }), {
      qos: 1,
      retain: true,
    })
    api = await startTestApi({ store: test.store, brokerPort: broker.port })
    await until('alerts to be seen', async () => {
      const { watching } = (await (await get(api, '/api/v1/alerts')).json()) as { watching: boolean }
      return watching
    })
  })
  afterAll(async () => {
    await api.close()
    await alerts.endAsync()
    await broker.close()
    await test.close()
  })

  it('leaves rules out that it does not know, counts them, and gives the others', async () => {
    const answer = await get(api, '/api/v1/alert-rules')
    expect(answer.status).toBe(200)
    expect(alertRulesResponse.parse(await answer.json()).rules.map(({ id }) => id)).toEqual(['dust'])
    expect(await (await get(api, '/metrics')).text()).toMatch(/nhip_api_malformed_total\{channel="alerts"\} [1-9]/)
  })

  it('leaves notifications of a channel out that it does not know', async () => {
    const answer = await get(api, '/api/v1/notifications')
    expect(answer.status).toBe(200)
    const { notifications } = notificationsResponse.parse(await answer.json())
    expect(notifications.map(({ id }) => id)).toEqual(['n1'])
  })
})
