import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Alerts } from '#alerts/alerts.ts'
import type { Api } from '#api/api.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { openTestStore, startTestApi, type TestStore, until } from '../api/api-parts.ts'
import { testPassword } from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { silent } from '../journal/journal-parts.ts'
import { influxdInstalled, startInfluxd } from '../real/influxd.ts'
import {
  City,
  dust,
  dustRule,
  list,
  onlyDust,
  send,
  startTestAlerts,
  untilAlerts,
  untilWatching,
} from './alerts-parts.ts'

const station = { kind: 'air-quality', district: 'tay-ninh', sensor: 'station-1' } as const

/** A store and how it ends. */
interface Place {
  store: TelemetryStore
  close(): Promise<void>
}

const places: [string, boolean, () => Promise<Place>][] = [
  ['DuckDB', true, openTestStore],
  [
    'InfluxDB',
    influxdInstalled() || process.env.CI !== undefined,
    async () => {
      const influxd = await startInfluxd()
      const store = await openInfluxdbStore({ url: influxd.url, bucket: 'alerts', log: silent })
      return {
        store,
        async close() {
          await store.close()
          await influxd.close()
        },
      }
    },
  ],
]

describe.each(places)('what nobody watched, on %s,', (_name, isInstalled, open) => {
  let place: Place
  let broker: TestBroker
  let alerts: Alerts
  let api: Api
  let city: City
  const start = async () => {
    alerts = await startTestAlerts(place.store, broker.mqttPort, { limits: { markMs: 20 } })
    await untilWatching(api)
  }
  const marked = () => until('a mark', async () => (await place.store.readDocuments('watch')).length > 0)
  const stop = async () => {
    await alerts.close()
    await until('the api to notice', async () => !(await list(api)).watching)
  }

  beforeEach(async ({ skip }) => {
    if (!isInstalled) skip()
    place = await open()
    broker = await startTestBroker()
    const mqtt = { url: `mqtt://127.0.0.1:${broker.mqttPort}`, username: 'api', password: testPassword }
    api = await startTestApi({ store: place.store, brokerPort: broker.mqttPort, mqtt })
    city = await City.connect(broker.mqttPort)
    await start()
    await onlyDust(api)
    await city.introduce(station)
  })
  afterEach(async () => {
    await city?.close()
    await alerts?.close()
    await api?.close()
    await broker?.close()
    await place?.close()
  })

  it('is raised and cleared at the next start, by the times of measuring, and once however often it starts', async () => {
    await marked()
    await stop()
    const [before, high, higher, low] = [40, 30, 20, 10].map((seconds) => Date.now() - seconds * 1_000)
    await place.store.write([dust(20, 'station-1', before), dust(180, 'station-1', high)])
    await place.store.write([dust(190, 'station-1', higher), dust(20, 'station-1', low)])
    await start()
    const [alert] = await untilAlerts(api, 'the alert', ({ length }) => length === 1)
    expect(alert).toMatchObject({ sensors: ['station-1'], value: 180, raisedAt: high, clearedAt: low, occurrences: 1 })
    await stop()
    await start()
    // a start says again what is open, and nothing else
    expect((await list(api)).alerts).toEqual([{ ...alert, revision: expect.any(Number) }])
    await send(api, 'POST', '/api/v1/alerts/acknowledge', { ids: [alert?.id], comment: 'xem' })
    await untilAlerts(api, 'nothing to be open', ({ length }) => length === 0)
    await stop()
    await start()
    const history = await list(api, `?from=${before}`)
    expect(history.alerts.map(({ id }) => id)).toEqual([alert?.id])
  })

  it('is raised by a correction that contradicts the other values of its time', async () => {
    const counted = { kind: 'traffic', district: 'tay-ninh', sensor: 'counter-1' } as const
    await city.introduce(counted)
    const condition = { type: 'threshold', value: 'intensity', above: 11, hysteresis: 0, forSeconds: 0 } as const
    await send(api, 'POST', '/api/v1/alert-rules', {
      id: 'crowd',
      rule: { ...dustRule, scope: { kind: 'traffic' }, condition },
    })
    await marked()
    await stop()
    const ts = Date.now() - 20_000
    const values = { intensity: 10, motorbikes: 5, cars: 5, buses: 0, trucks: 0 }
    await place.store.write([{ ...counted, ts, values }])
    await place.store.write([{ ...counted, ts, values: { intensity: 12 } }])
    await start()
    const [alert] = await untilAlerts(api, 'the alert', ({ length }) => length === 1)
    expect(alert).toMatchObject({ rule: 'crowd', value: 12, raisedAt: ts })
  })

  it('because the broker was away is raised and cleared when it is back', async () => {
    const { mqttPort } = broker
    await city.measure([dust(20)])
    await city.close()
    await broker.close()
    await until('the api to notice', async () => !(await list(api)).watching)
    const [high, low] = [Date.now(), Date.now() + 1]
    await place.store.write([dust(180, 'station-1', high), dust(20, 'station-1', low)])
    broker = await startTestBroker({}, { mqttPort })
    city = await City.connect(mqttPort)
    const [alert] = await untilAlerts(api, 'the alert', ({ length }) => length === 1)
    expect(alert).toMatchObject({ value: 180, raisedAt: high, clearedAt: low })
  })
})

describe('what was only in memory', () => {
  let test: TestStore
  let broker: TestBroker
  beforeEach(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
  })
  afterEach(async () => {
    await broker.close()
    await test.close()
  })

  it('when alerts ended while the store was away is found again at the next start', async () => {
    const options = { limits: { markMs: 20 } }
    const mqtt = { url: `mqtt://127.0.0.1:${broker.mqttPort}`, username: 'api', password: testPassword }
    const api = await startTestApi({ store: test.store, brokerPort: broker.mqttPort, mqtt })
    let alerts = await startTestAlerts(test.store, broker.mqttPort, options)
    await untilWatching(api)
    await onlyDust(api)
    const city = await City.connect(broker.mqttPort)
    await city.introduce(station)
    await until('a mark', async () => (await test.store.readDocuments('watch')).length > 0)
    test.down = true
    const [high, low] = [dust(180), dust(20, 'station-1', Date.now() + 1)]
    await city.measure([high, low])
    const [shown] = await untilAlerts(api, 'the alert', ([one]) => one?.clearedAt !== undefined)
    expect(shown).toMatchObject({ raisedAt: high.ts, clearedAt: low.ts })
    await alerts.close()
    test.down = false
    expect(await test.store.countEvents('alert')).toBe(1) // a checkpoint
    // what the journal kept meanwhile is stored as well
    await test.store.write([high, low])
    alerts = await startTestAlerts(test.store, broker.mqttPort, options)
    await untilWatching(api)
    const [found] = await untilAlerts(api, 'the alert', ({ length }) => length === 1)
    expect(found).toMatchObject({ value: 180, raisedAt: high.ts, clearedAt: low.ts })
    expect(found?.id).not.toBe(shown?.id)
    await city.close()
    await api.close()
    await alerts.close()
  })
})
