import type { MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { lightingFiguresResponse } from '#telemetry/figures/lighting-figures.ts'
import { qualityFiguresResponse } from '#telemetry/figures/quality-figures.ts'
import { trafficFiguresResponse } from '#telemetry/figures/traffic-figures.ts'
import { quarantineResponse } from '#telemetry/quarantine-rest.ts'
import type { Reading } from '#telemetry/reading.ts'
import { problemSchema } from '#telemetry/rest.ts'
import { sensorTopic } from '#telemetry/topics.ts'
import {
  connectDevices,
  get,
  openTestStore,
  startTestApi,
  startTestBroker,
  type TestBroker,
  type TestStore,
  until,
  untilReady,
} from './api-parts.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** Wednesday, 7:00 in Tây Ninh */
const start = Date.UTC(2026, 10, 18)
const now = start + 2 * hour
const district = 'tay-ninh'
const position = [106.1, 11.3]

/** A reading a minute over an hour. */
const counted = (sensor: string, intensity: number, averageVehicleSpeed: number): Reading[] =>
  Array.from({ length: 60 }, (_, index) => ({
    ...{ district, sensor, ts: start + index * minute, kind: 'traffic' },
    values: { intensity, averageVehicleSpeed },
  }))
const lit = Array.from({ length: 60 }, (_, index): Reading => {
  const values = { activePower: 100, energy: 5 + index / 600, lampHours: 49_000 }
  return { district, sensor: 'l-1', ts: start + index * minute, kind: 'lighting', values }
})

describe('official figures over the api', () => {
  let test: TestStore
  let broker: TestBroker
  let devices: MqttClient
  let api: Api

  const introduce = (kind: 'traffic' | 'lighting', sensor: string, meta: object) =>
    devices.publishAsync(
      sensorTopic({ district, kind, sensor, channel: 'meta' }),
      JSON.stringify({ name: { vi: sensor, en: sensor }, position, period: 60, ...meta }),
      { qos: 1, retain: true },
    )
  const problem = async (path: string) => problemSchema.parse(await (await get(api, path)).json())

  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    devices = await connectDevices(broker.port)
    const readings = [...counted('c-1', 10, 25), ...counted('c-2', 20, 50), ...counted('c-3', 30, 50), ...lit]
    await test.store.write(readings)
    const topic = sensorTopic({ district, kind: 'traffic', sensor: 'c-1', channel: 'reading' })
    const body = { ts: start, topic, payload: '{', payloadBytes: 1, code: 'NOT_JSON', reason: 'is not JSON', count: 20 }
    await test.store.appendEvents([
      { stream: 'quarantine', id: 'q', ts: start, body },
      { stream: 'quarantine', id: 'r', ts: start, body: { ...body, topic: `${topic}s` } },
    ])
    api = await startTestApi({ store: test.store, brokerPort: broker.port, clock: () => now })
    await introduce('traffic', 'c-1', { road: 'r-1', ward: 'w-1', laneDirection: 'forward', freeFlowSpeed: 50 })
    await introduce('traffic', 'c-2', { road: 'r-1', ward: 'w-2', laneDirection: 'backward', freeFlowSpeed: 50 })
    await introduce('traffic', 'c-3', { road: 'r-2', ward: 'w-2', simulated: true })
    await introduce('lighting', 'l-1', { ward: 'w-1', nominalPower: 100, ratedLife: 50_000 })
    await untilReady(api)
    await until('all to have said what they are', async () => {
      const { features } = (await (await get(api, '/api/v1/sensors')).json()) as { features: { geometry: unknown }[] }
      return features.length === 4 && features.every(({ geometry }) => geometry !== null)
    })
  })
  afterAll(async () => {
    await devices?.endAsync()
    await api?.close()
    await broker?.close()
    await test?.close()
  })

  const traffic = async (query: string) => {
    const answer = await get(api, `/api/v1/figures/traffic?${query}`)
    expect(answer.status, await answer.clone().text()).toBe(200)
    return trafficFiguresResponse.parse(await answer.json())
  }

  it('of traffic are by counter, road, direction and ward, of what has passed of the span', async () => {
    const { groups, from, to } = await traffic('')
    expect([from, to]).toEqual([now - 7 * day, now])
    expect(groups).toMatchObject([
      { id: 'c-1', simulated: 0, vehicles: 600, vehiclesPerHour: 600, congestionIndex: 2, levelOfService: 'D' },
      { id: 'c-2', vehiclesPerHour: 1_200, congestionIndex: 1, levelOfService: 'A' },
      { id: 'c-3', simulated: 1, vehiclesPerHour: 1_800, freeFlow: { unknown: 1 } },
    ])
    const by = async (query: string) => (await traffic(query)).groups.map(({ id, direction }) => [id, direction])
    expect(await by('groupBy=direction')).toEqual([
      ['r-1', 'forward'],
      ['r-1', 'backward'],
      ['r-2', undefined],
    ])
    expect(await by('groupBy=ward&districts=tay-ninh')).toEqual([
      ['w-1', undefined],
      ['w-2', undefined],
    ])
    const [road] = (await traffic(`groupBy=road&roads=r-1&from=${start}&to=${start + day}&window=1h`)).groups
    // of the mean counter
    expect(road).toMatchObject({ sensors: 2, vehicles: 1_800, vehiclesPerHour: 900, coverage: 0.5 })
    expect(road?.series).toMatchObject([
      { start, coverage: 1 },
      { start: start + hour, readings: 0 },
    ])
  })

  it('of lighting are by lamp and ward', async () => {
    const answer = await get(api, `/api/v1/figures/lighting?groupBy=ward&window=night&from=${start - day}`)
    const { groups, method } = lightingFiguresResponse.parse(await answer.json())
    expect(groups).toMatchObject([
      {
        ...{ id: 'w-1', sensors: 1, withNominalPower: 1, energy: 0.098 },
        life: { meanShare: 0.98, nearEnd: 1 },
        ...{ failures: 0, openFailures: 0 },
      },
    ])
    // at 7:00 the sun is 6° over the horizon at 6:25
    expect(groups[0]?.burningByDayHours).toBeCloseTo(1, 1)
    expect(method).toMatchObject({ edges: 'sun', dimming: [{ from: 1_380, to: 300, level: 0.5 }] })
  })

  it('of data quality are of all kinds, worst first, and lead to what is behind them', async () => {
    const answer = await get(api, `/api/v1/figures/quality?from=${start}&to=${start + hour}`)
    const { groups, total } = qualityFiguresResponse.parse(await answer.json())
    expect(total).toBe(4)
    expect(groups[0]).toMatchObject({ id: 'c-1', kind: 'traffic', refused: 20, correct: 0.75, score: 0.75, clean: 1 })
    for (const link of Object.values(groups[0]?.links ?? {}))
      expect((await get(api, link ?? '')).status, link).toBe(200)
    const refused = quarantineResponse.parse(await (await get(api, groups[0]?.links.refused ?? '')).json())
    expect(refused.entries).toMatchObject([{ count: 20 }])
    const wards = await get(api, `/api/v1/figures/quality?groupBy=ward&from=${start}&to=${start + hour}&window=1h`)
    const byWard = qualityFiguresResponse.parse(await wards.json()).groups
    // a counter and a lamp
    expect(byWard).toMatchObject([{ id: 'w-1', sensors: 2, correct: 0.8571, series: [{}] }, { id: 'w-2' }])
    expect((await get(api, byWard[0]?.links.sensors ?? '')).status).toBe(200)
    const lamps = await get(api, '/api/v1/figures/quality?kind=lighting&limit=1')
    expect(qualityFiguresResponse.parse(await lamps.json())).toMatchObject({ total: 1, groups: [{ id: 'l-1' }] })
  })

  it('say what to ask instead of what cannot be answered', async () => {
    const table: [string, number, string, string][] = [
      ['traffic?sensors=no-such', 404, 'UNKNOWN_SENSOR', 'NO_SUCH_SENSORS'],
      ['quality?sensors=no-such', 404, 'UNKNOWN_SENSOR', 'NO_SUCH_SENSORS'],
      ['traffic?sensors=l-1', 400, 'INVALID_REQUEST', 'FIGURES_OF_OTHER_KIND'],
      ['lighting?wards=w-9', 400, 'INVALID_REQUEST', 'NO_SUCH_GROUPS'],
      ['quality?wards=w-9', 400, 'INVALID_REQUEST', 'NO_SUCH_GROUPS'],
      [`traffic?from=${now}&to=${start}`, 400, 'EMPTY_SPAN', 'SPAN_NOT_BEGUN'],
      [`quality?from=${start}&to=${start}`, 400, 'EMPTY_SPAN', 'FROM_NOT_BEFORE_TO'],
      [`traffic?from=2020-01-01T00:00:00Z`, 422, 'TOO_MUCH_ASKED', 'FIGURES_OF_MORE_DAYS'],
      [`quality?from=2020-01-01T00:00:00Z&window=1h`, 422, 'TOO_MUCH_ASKED', 'TOO_MANY_FIGURES'],
    ]
    for (const [path, status, code, fault] of table) {
      const told = await problem(`/api/v1/figures/${path}`)
      expect(told, path).toMatchObject({ status, code })
      expect(told.faults?.[0]?.code, path).toBe(fault)
    }
    for (const path of ['traffic?window=1s', 'lighting?edges=moon', 'quality?limit=0', 'traffic?groupBy=kind'])
      expect(await problem(`/api/v1/figures/${path}`), path).toMatchObject({ status: 400, code: 'INVALID_REQUEST' })
    const coarser = await problem('/api/v1/figures/quality?from=2020-01-01T00:00:00Z&window=1h')
    expect(coarser.detail).toContain('window=1d would do')
    test.down = true
    const down = await problem('/api/v1/figures/traffic')
    test.down = false
    expect(down).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' })
  })
})
