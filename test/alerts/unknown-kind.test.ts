import mqtt from 'mqtt'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Alerts } from '#alerts/alerts.ts'
import type { Api } from '#api/api.ts'
import { liveTopic } from '#telemetry/topics.ts'
import { openTestStore, startTestApi, type TestStore } from '../api/api-parts.ts'
import { testPassword } from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { City, dust, onlyDust, startTestAlerts, untilAlerts, untilWatching } from './alerts-parts.ts'

let test: TestStore
let broker: TestBroker
let alerts: Alerts
let api: Api
const registry = new Registry()

beforeAll(async () => {
  test = await openTestStore()
  broker = await startTestBroker()
  alerts = await startTestAlerts(test.store, broker.mqttPort, { registry })
  const access = { url: `mqtt://127.0.0.1:${broker.mqttPort}`, username: 'api', password: testPassword }
  api = await startTestApi({ store: test.store, brokerPort: broker.mqttPort, mqtt: access })
  await untilWatching(api)
  await onlyDust(api)
})
afterAll(async () => {
  await api.close()
  await alerts.close()
  await broker.close()
  await test.close()
})

it('alerts of an older release goes on beside an ingest that sends a kind it does not know: what it does not know is counted', async () => {
  const city = await City.connect(broker.mqttPort)
  const known = dust(163.2)
  await city.introduce(known)
  const foreign = { ...dust(5, 'tide-1'), kind: 'tide', values: { height: 1 } }
  const options = { protocolVersion: 4, username: 'admin', password: testPassword } as const
  const ingest = await mqtt.connectAsync(`mqtt://127.0.0.1:${broker.mqttPort}`, options)
  const batch = [foreign, known, foreign].map((reading) => ({ reading, arrivedAt: Date.now() }))
  await ingest.publishAsync(liveTopic('tay-ninh'), JSON.stringify(batch), { qos: 1 })
  const found = await untilAlerts(api, 'an alert of the reading between them', ({ length }) => length === 1)
  expect(found[0]).toMatchObject({ value: 163.2, sensors: ['station-1'] })
  const counted = (await registry.metrics())
    .split('\n')
    .filter((line) => line.startsWith('nhip_alerts_malformed_total'))
  expect(counted).toEqual(['nhip_alerts_malformed_total{channel="live"} 2'])
  await ingest.endAsync()
  await city.close()
})
