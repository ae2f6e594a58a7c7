import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { HourlyVnAqi } from '#api/history/hourly-vn-aqi.ts'
import { apiMetrics } from '#api/metrics.ts'
import { SensorRegistry } from '#api/sensors/sensor-registry.ts'
import { CorrectionReader } from '#history/corrections/correction-reader.ts'
import { hourlyVnAqi } from '#telemetry/vn-aqi-periods.ts'
import { vnAqiResponse } from '#telemetry/vn-aqi-rest.ts'
import { localHours, oddZones } from '../support/local-hours.ts'
import {
  airReading,
  get,
  openTestStore,
  startTestApi,
  startTestBroker,
  type TestBroker,
  type TestStore,
  untilReady,
} from './api-parts.ts'

const hour = 3_600_000
/** 13:00 in the districts */
const noon = Date.UTC(2026, 10, 20, 6)
const now = noon + 25 * 60_000

describe('the hourly VN_AQI of the api', () => {
  let broker: TestBroker
  let test: TestStore
  let api: Api
  let clock = now

  const at = async (query = '') => vnAqiResponse.parse(await (await get(api, `/api/v1/air-quality${query}`)).json())
  /** Readings each minute, or each `stepMs`, of the hour that ended so many hours before noon. */
  const hourOf = (sensor: string, age: number, pm25: number, { stepMs = 60_000, share = 1 } = {}) =>
    Array.from({ length: (share * hour) / stepMs }, (_, i) =>
      airReading(sensor, noon - (age + 1) * hour + i * stepMs, pm25),
    )

  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    const hours = Array.from({ length: 12 }, (_, age) => age)
    await test.store.write([
      // steady: Nowcast is 45, of which the index is 90
      ...hours.flatMap((age) => hourOf('steady', age, 45)),
      // the newest hour has too few readings, so the two before it count
      ...hourOf('thin', 0, 400, { share: 0.5 }),
      ...hourOf('thin', 1, 25),
      ...hourOf('thin', 2, 25),
      // only one of the newest three hours is there
      ...hourOf('silent', 0, 30),
      // given to an empty store, one reading each 5 minutes
      ...hours.flatMap((age) => hourOf('filled', age, 12.5, { stepMs: 300_000 })),
    ])
    await test.store.write([
      airReading('new', noon + 60_000, 30),
      { district: 'tay-ninh', sensor: 'gas', ts: noon - hour, kind: 'air-quality', values: { no2: 20 } },
    ])
    api = await startTestApi({ store: test.store, brokerPort: broker.port, clock: () => clock })
    await untilReady(api)
  })
  afterAll(async () => {
    await api?.close()
    await broker?.close()
    await test?.close()
  })

  it('is that of each station with enough readings, as of the last full hour', async () => {
    const { asOf, stations } = await at()
    expect(asOf).toBe(noon)
    expect(stations.toSorted((a, b) => a.sensor.localeCompare(b.sensor))).toEqual([
      { sensor: 'steady', index: 90, worst: 'pm25', subIndices: { pm25: 90 } },
      { sensor: 'thin', index: 50, worst: 'pm25', subIndices: { pm25: 50 } },
    ])
  })

  it('is told with the reason of every station that has none', async () => {
    const { without } = await at()
    expect(Object.fromEntries(without.map(({ sensor, reason }) => [sensor, reason]))).toEqual({
      new: { code: 'NO_READINGS', params: { hours: 12 } },
      gas: { code: 'NO_PARTICULATES', params: {} },
      silent: { code: 'TOO_FEW_HOURS', params: { complete: 1, needed: 2, of: 3 } },
      filled: { code: 'TOO_FEW_HOURS', params: { complete: 0, needed: 2, of: 3 } },
    })
  })

  it('is of any hour asked for', async () => {
    const { asOf, stations } = await at(`?at=${noon - hour - 1}`)
    expect(asOf).toBe(noon - 2 * hour)
    expect(stations.map(({ sensor }) => sensor)).toEqual(['steady'])
  })

  it('takes late readings up within minutes, and knows how densely a backfill speaks', async () => {
    const span = { from: noon - 12 * hour, to: noon, step: 300_000 }
    await test.store.appendEvents([{ stream: 'backfill', id: 'b', ts: noon, body: span }])
    expect((await at()).stations.map(({ sensor }) => sensor)).not.toContain('filled')
    clock += 300_000
    expect((await at()).stations).toContainEqual({
      ...{ sensor: 'filled', index: 25, worst: 'pm25' },
      subIndices: { pm25: 25 },
    })
  })

  it('is a problem while the store is away, and asked for again when it is back', async () => {
    test.down = true
    expect((await get(api, `/api/v1/air-quality?at=${noon - 5 * hour}`)).status).toBe(503)
    test.down = false
    expect((await at(`?at=${noon - 5 * hour}`)).stations).not.toEqual([])
  })
})

describe('the hourly VN_AQI in a zone whose hours are not those of UTC', () => {
  it.each(oddZones)('is made of the hours of the clock: %s', async (zone, around) => {
    const test = await openTestStore()
    try {
      const first = around - 15 * hour
      // another level each five minutes: what is put into another hour shows
      const levelAt = (ts: number) => 20 + ((Math.floor(ts / 300_000) * 37) % 150)
      const minutes = Array.from({ length: 15 * 60 }, (_, at) => first + at * 60_000)
      await test.store.write(minutes.map((ts) => airReading('aq-1', ts, levelAt(ts))))
      const sensors = new SensorRegistry({ metrics: apiMetrics(new Registry()) })
      const corrections = { reader: new CorrectionReader(test.store), onChange: () => {} }
      const hourly = new HourlyVnAqi({
        store: test.store,
        sensors,
        clock: () => around,
        web: { timeZone: zone },
        corrections,
      })
      const { asOf, stations } = await hourly.at(around)
      const ended = localHours(zone, first - 2 * hour, around + 2 * hour).filter(({ to }) => to <= around)
      expect(asOf).toBe(ended.at(-1)?.to)
      const means = ended.slice(-12).map(({ from, to }) => {
        const values = minutes.filter((ts) => ts >= from && ts < to).map(levelAt)
        return values.reduce((sum, value) => sum + value, 0) / values.length
      })
      expect(stations).toMatchObject([{ sensor: 'aq-1', index: hourlyVnAqi({ pm25: means.reverse() })?.index }])
    } finally {
      await test.close()
    }
  })
})
