import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Alerts } from '#alerts/alerts.ts'
import { alertsMetrics } from '#alerts/metrics.ts'
import { loadPeriodLog } from '#alerts/period-log.ts'
import type { Api } from '#api/api.ts'
import { historyResponse } from '#telemetry/history-rest.ts'
import { get, openTestStore, startTestApi, type TestStore, until } from '../api/api-parts.ts'
import { testPassword } from '../broker/raw-mqtt.ts'
import { startTestBroker, type TestBroker } from '../broker/test-broker.ts'
import { silent } from '../journal/journal-parts.ts'
import { counter } from '../storage/store-samples.ts'
import { City, startTestAlerts, untilWatching } from './alerts-parts.ts'

const of = { kind: 'traffic', district: 'tay-ninh', sensor: 'count-1' } as const
const minute = 60_000

describe('the notes of periods', () => {
  it('wait while the store is away, and keep the moment of the change', async () => {
    const test = await openTestStore()
    const metrics = alertsMetrics(new Registry())
    const now = Date.UTC(2026, 10, 20)
    const log = await loadPeriodLog({ store: test.store, metrics, log: silent, clock: () => now })
    test.down = true
    log.record('count-1', 60)
    await until('a write to fail', async () => (await metrics.storeFaults.get()).values[0]?.value)
    expect((await metrics.periodsWaiting.get()).values[0]?.value).toBe(1)
    test.down = false
    await until('the note', async () => (await test.store.countEvents('period')) === 1)
    await log.close()
    expect(await test.store.readEvents({ stream: 'period', limit: 2 })).toMatchObject([
      { ts: now, body: { sensor: 'count-1', seconds: 60 } },
    ])
    expect((await metrics.periodsWaiting.get()).values[0]?.value).toBe(0)
    await test.close()
  })
})

describe('counts of vehicles', () => {
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
  const ask = async (query: string) => {
    const answer = await get(api, `/api/v1/sensors/count-1/history?${query}`)
    return { status: answer.status, body: await answer.json() }
  }
  const history = async (query: string) => historyResponse.parse((await ask(query)).body)
  const untilNoted = (notes: number) =>
    until(`${notes} periods to be noted`, async () => (await test.store.countEvents('period')) === notes)

  beforeEach(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    city = await City.connect(broker.mqttPort)
  })
  afterEach(async () => {
    await city.close()
    await api.close()
    await alerts.close()
    await broker.close()
    await test.close()
  })

  it('say over which period they are, after it changed and after a restart too, and compare as vehicles an hour', async () => {
    await city.introduce(of, { period: 60 })
    await start()
    await untilNoted(1)
    await alerts.close()
    await api.close()
    const before = Date.now()
    await test.store.write([counter('count-1', before - 2 * minute, 10), counter('count-1', before - minute, 12)])
    // the device is set to report twice as often while nobody listens
    await city.introduce(of, { period: 30 })
    await start()
    await untilNoted(2)
    const after = Date.now()
    await test.store.write([counter('count-1', after, 6)])
    const span = `from=${before - 10 * minute}&to=${after + 1}`
    const raw = await history(`value=intensity&window=raw&${span}`)
    expect(raw).toMatchObject({ unit: 'vehicles', unitCode: '{vehicle}' })
    expect(raw.points.map(({ value }) => value)).toEqual([10, 12, 6])
    expect(raw.periods?.map(({ seconds, assumed }) => [seconds, assumed])).toEqual([
      [60, true],
      [60, undefined],
      [30, undefined],
    ])
    expect(raw.periods?.[0]?.from).toBe(before - 10 * minute)
    const flow = await history(`value=intensity&window=raw&per=hour&${span}`)
    expect(flow).toMatchObject({ unit: 'vehicles/h', unitCode: '{vehicle}/h', per: 'hour' })
    expect(flow.points.map(({ value }) => value)).toEqual([600, 720, 720])
    const daily = await history(`value=intensity&window=1d&per=hour&fn=max&${span}`)
    expect(Math.max(...daily.points.map(({ value }) => Number(value)))).toBe(720)
    expect(daily.points.at(-1)).toMatchObject({ value: 720, partial: true })
    const readings = await history(`value=intensity&window=1d&fn=count&${span}`)
    expect(readings).toMatchObject({ unit: '', unitCode: '1' })
    expect(readings.periods).toBeUndefined()
  })

  it('are not made hourly where nobody knows the period, and nothing else is', async () => {
    await test.store.write([counter('count-1', Date.now() - minute, 10)])
    await start()
    await until('the sensor', async () => (await ask('value=intensity')).status === 200)
    expect(await ask('value=intensity&per=hour')).toMatchObject({ status: 409, body: { code: 'NO_PERIOD' } })
    expect((await history('value=intensity&window=raw')).periods).toEqual([])
    for (const query of ['value=occupancy&per=hour', 'value=intensity&per=hour&fn=count', 'value=intensity&per=day'])
      expect(await ask(query), query).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
    expect((await history('value=occupancy')).periods).toBeUndefined()
  })
})
