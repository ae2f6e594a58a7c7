import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Alerts } from '#alerts/alerts.ts'
import type { Api } from '#api/api.ts'
import { offlineSince } from '#storage/presence.ts'
import { alertState } from '#telemetry/alert.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import { get, openTestStore, startTestApi, type TestStore, until } from '../api/api-parts.ts'
import { testPassword } from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { City, dustRule, list, send, startTestAlerts, untilAlerts, untilWatching } from './alerts-parts.ts'

const lamp = (sensor: string) => ({ kind: 'lighting', district: 'tay-ninh', sensor }) as const
const reporting = [1, 2, 3, 4, 5].map((number) => lamp(`lamp-${number}`))
const gone = [1, 2, 3, 4, 5].map((number) => lamp(`gone-${number}`))
const report = (ts: number): Reading[] => reporting.map((of) => ({ ...of, ts, values: { powerState: 'on' } }))

/** Neighbours that are offline, at once. */
const cabinet = {
  ...dustRule,
  scope: { kind: 'lighting' },
  condition: { type: 'group', failures: ['offline'], atLeast: 4, withinMetres: 400, forSeconds: 0 },
}

describe('a lamp whose last will is retained and that reports', () => {
  let test: TestStore
  let broker: TestBroker
  let alerts: Alerts
  let api: Api
  let city: City
  const start = async () => {
    const mqtt = { url: `mqtt://127.0.0.1:${broker.mqttPort}`, username: 'api', password: testPassword }
    alerts = await startTestAlerts(test.store, broker.mqttPort)
    api = await startTestApi({ store: test.store, brokerPort: broker.mqttPort, mqtt, clock: Date.now })
    await untilWatching(api)
  }
  const stop = async () => {
    await api.close()
    await alerts.close()
  }
  const connections = async (): Promise<Record<string, string | undefined>> => {
    const answer = await get(api, '/api/v1/sensors?kind=lighting')
    const { features } = (await answer.json()) as { features: { properties: SensorState }[] }
    return Object.fromEntries(features.map(({ properties: { id, connection } }) => [id, connection]))
  }
  const untilConnected = (said: string) =>
    until(`all to be ${said}`, async () => {
      const now = await connections()
      return reporting.every(({ sensor }) => now[sensor] === said)
    })

  beforeEach(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    city = await City.connect(broker.mqttPort)
    for (const [at, of] of [...reporting, ...gone].entries())
      await city.introduce(of, { position: [at < 5 ? 106.1 : 106.15, 11.3], period: 60 })
    await start()
    const { rules } = (await (await get(api, '/api/v1/alert-rules')).json()) as { rules: { id: string }[] }
    for (const { id } of rules) await send(api, 'DELETE', `/api/v1/alert-rules/${id}`)
  })
  afterEach(async () => {
    await city.close()
    await stop()
    await broker.close()
    await test.close()
  })
  const watch = () => send(api, 'POST', '/api/v1/alert-rules', { id: 'cabinet', rule: cabinet })

  it('is there again with its next reading, in the api, in alerts and in the log of who came and went', async () => {
    for (const of of reporting) await city.say(of, 'offline')
    await untilConnected('offline')
    await watch()
    await untilAlerts(api, 'the group', ([one]) => one?.sensors.length === 5)
    await city.measure(report(Date.now()))
    await untilConnected('online')
    await untilAlerts(api, 'the end of the group', ([one]) => one !== undefined && alertState(one) === 'returned')
    await until('the log', async () => (await offlineSince(test.store, Date.now() + 1_000)).size === 0)
  })

  it('raises nothing after a restart of api and alerts, before its next reading too; one that is gone does', async () => {
    for (const of of [...reporting, ...gone]) await city.say(of, 'offline')
    await untilConnected('offline')
    await city.measure(report(Date.now()))
    await untilConnected('online')
    await until('the log', async () => (await offlineSince(test.store, Date.now() + 1_000)).size === 5)
    await test.store.write(report(Date.now()))
    await stop()
    await start()
    await watch()
    await untilAlerts(api, 'the group that is gone', ({ length }) => length > 0)
    expect((await list(api)).alerts.map(({ sensors }) => sensors)).toEqual([gone.map(({ sensor }) => sensor)])
    await untilConnected('online')
    expect((await connections())[gone[0]?.sensor ?? '']).toBe('offline')
  })

  it('is not offline for who starts with an empty log, as long as its newest reading is fresh', async () => {
    await stop()
    for (const of of [...reporting, ...gone]) await city.say(of, 'offline')
    await test.store.write(report(Date.now()))
    await start()
    await watch()
    await untilConnected('online')
    await untilAlerts(api, 'the group that is gone', ({ length }) => length > 0)
    expect((await list(api)).alerts.map(({ sensors }) => sensors)).toEqual([gone.map(({ sensor }) => sensor)])
  })

  it('is offline when it says so once more', async () => {
    for (const of of reporting) await city.say(of, 'offline')
    await untilConnected('offline')
    await city.measure(report(Date.now()))
    await untilConnected('online')
    for (const of of reporting) await city.say(of, 'offline')
    await untilConnected('offline')
  })
})
