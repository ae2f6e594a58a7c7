import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { historyAnswer, historyLineSchema } from '#telemetry/history-question.ts'
import { problemSchema } from '#telemetry/rest.ts'
import {
  adminToken,
  airReading,
  airTopic,
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
/** midnight in Tây Ninh */
const midnight = Date.parse('2026-11-20T00:00:00+07:00')
const now = midnight + 12.5 * hour
const path = '/api/v1/history/query'
const wards = [{ id: 'tan-ninh', name: { vi: 'Tân Ninh', en: 'Tan Ninh' }, centre: [106.1, 11.3] as [number, number] }]
const district = {
  ...{ id: 'tay-ninh', name: { vi: 'Tây Ninh', en: 'Tay Ninh' }, centre: [106.1, 11.3] as [number, number], wards },
  outline: [
    [106, 11.2],
    [106.2, 11.2],
    [106.2, 11.4],
    [106, 11.2],
  ] as [number, number][],
  formerUnits: [],
}

describe('a question about the past, over HTTP', () => {
  let test: TestStore
  let broker: TestBroker
  let api: Api

  const post = (body: object, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(api.url + path, {
      ...{ method: 'POST', body: JSON.stringify(body), signal: signal ?? null },
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json', ...headers },
    })
  const ask = async (body: object) => {
    const answer = await post(body)
    expect(answer.status).toBe(200)
    return historyAnswer.parse(await answer.json())
  }
  const problem = async (answer: Response) => problemSchema.parse(await answer.json())

  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    // a reading a minute over twelve hours, of each hour its own number
    const readings = ['aq-1', 'aq-2'].flatMap((sensor, at) =>
      Array.from({ length: 720 }, (_, n) => airReading(sensor, midnight + n * minute, Math.floor(n / 60) + 100 * at)),
    )
    await test.store.write(readings)
    api = await startTestApi({ store: test.store, brokerPort: broker.port, clock: () => now, districts: [district] })
    await untilReady(api)
    const devices = await connectDevices(broker.port)
    const meta = { name: { vi: 'Trạm 1', en: 'Station 1' }, position: [106.1, 11.3], period: 60, ward: 'tan-ninh' }
    await devices.publishAsync(airTopic('aq-1', 'meta'), JSON.stringify({ ...meta, simulated: true }), { retain: true })
    await devices.endAsync()
    await until('the meta', async () => {
      const answer = await get(api, '/api/v1/sensors')
      return (await answer.text()).includes('Station 1')
    })
  })
  afterAll(async () => {
    await api?.close()
    await broker?.close()
    await test?.close()
  })

  it('is answered with figures, units, names and what they rest on, the same by POST and by GET', async () => {
    const asked = { kind: 'air-quality', values: ['pm25', 'pm10'], functions: ['max', 'mean'], groupBy: 'ward' }
    const span = { from: '2026-11-20T00:00:00+07:00', to: '2026-11-20T02:00:00+07:00', window: '1h' }
    const found = await ask({ ...asked, ...span, from: midnight })
    expect(found).toMatchObject({
      ...{ kind: 'air-quality', from: midnight, to: midnight + 2 * hour, now, window: '1h', zone: 'Asia/Ho_Chi_Minh' },
      ...{ groupBy: 'ward', functions: ['mean', 'max'], sensorCount: 2 },
      values: [{ name: 'pm25', unit: 'µg/m³', unitCode: 'ug/m3' }, { name: 'pm10' }],
      sensors: [{ id: 'aq-1', district: 'tay-ninh', meta: { name: { en: 'Station 1' } } }, { id: 'aq-2' }],
    })
    expect(found.series.map(({ value, group }) => [value, group])).toEqual([
      ['pm25', 'tan-ninh'],
      ['pm25', null],
      ['pm10', 'tan-ninh'],
      ['pm10', null],
    ])
    expect(found.series[0]).toMatchObject({
      ...{ name: { vi: 'Tân Ninh' }, sensors: 1, simulated: 1 },
      figures: [
        { from: midnight, to: midnight + hour, mean: 0, max: 0, coverage: { readings: 1, time: 1 }, simulated: true },
        { from: midnight + hour, mean: 1, max: 1, states: {}, corrected: 0, open: false },
      ],
    })
    expect(found.series[1]).toMatchObject({ simulated: 0, figures: [{ mean: 100 }, { mean: 101 }] })
    expect(found.series[1]?.figures[0]).not.toHaveProperty('simulated')
    expect(found.series[2]?.figures).toMatchObject([{ mean: null, coverage: { readings: 0, time: 0 } }, { mean: null }])
    const address = new URLSearchParams({ ...span, kind: 'air-quality', groupBy: 'ward' })
    address.append('values', 'pm25,pm10')
    address.append('functions', 'mean')
    address.append('functions', 'max')
    expect(historyAnswer.parse(await (await get(api, `${path}?${address}`)).json())).toEqual(found)
  })

  it('by default is of sensors one by one, or of all of a kind, over the last 24 hours in about 200 points', async () => {
    const one = await ask({ sensors: ['aq-2'], values: ['pm25'] })
    expect(one).toMatchObject({ from: now - 24 * hour, to: now, window: '10m', functions: ['mean'], groupBy: 'sensor' })
    expect(one.series).toMatchObject([{ group: 'aq-2', sensors: 1 }])
    expect(one.series[0]?.figures).toHaveLength(144)
    expect(one.series[0]?.figures.at(-1)).toMatchObject({ mean: null, open: false, to: now })
    const all = await ask({
      kind: 'air-quality',
      values: ['pm25'],
      window: 'all',
      from: midnight,
      to: midnight + 24 * hour,
    })
    expect(all.series).toMatchObject([{ group: null, sensors: 2, figures: [{ mean: 55.5, open: true }] }])
    // of the 12.5 hours that are over
    expect(all.series[0]?.figures[0]?.coverage).toEqual({ readings: 0.96, time: 0.96 })
  })

  it('is answered in the zone it asks for, and as a profile of the hours of the week', async () => {
    const days = await ask({
      ...{ kind: 'air-quality', values: ['pm25'], functions: ['count'], window: '1d', zone: 'Asia/Kolkata' },
      ...{ from: midnight, to: midnight + 4 * hour },
    })
    // midnight there is half past one here
    expect(days.series[0]?.figures).toMatchObject([
      { from: midnight, to: midnight + 1.5 * hour, count: 180 },
      { from: midnight + 1.5 * hour, to: midnight + 4 * hour, count: 300 },
    ])
    const profile = await ask({
      ...{ sensors: ['aq-1'], values: ['pm25'], functions: ['mean', 'count'], profile: 'hour-of-week' },
      ...{ from: midnight, to: midnight + 3 * hour, compare: 'week' },
    })
    expect(profile).toMatchObject({ profile: 'hour-of-week', compared: { with: 'week' } })
    expect(profile).not.toHaveProperty('window')
    expect(profile.series[0]?.figures).toMatchObject(
      [0, 1, 2].map((shown) => ({ weekday: 5, hour: shown, mean: shown, count: 60 })),
    )
  })

  it('comes as JSON lines to who takes them, of which the last says that it is whole', async () => {
    const answer = await post(
      {
        kind: 'air-quality',
        values: ['pm25'],
        groupBy: 'sensor',
        window: '1m',
        from: midnight,
        to: midnight + 12 * hour,
      },
      { accept: 'application/x-ndjson' },
    )
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson')
    const lines = (await answer.text()).trimEnd().split('\n')
    const parsed = lines.map((line) => historyLineSchema.parse(JSON.parse(line)))
    expect(parsed[0]).toMatchObject({ type: 'head', window: '1m', sensorCount: 2 })
    expect(parsed[1]).toMatchObject({ type: 'series', value: 'pm25', group: 'aq-1', sensors: 1 })
    expect(parsed[2]).toMatchObject({ type: 'figure', value: 'pm25', group: 'aq-1', from: midnight, mean: 0 })
    expect(parsed.at(-1)).toEqual({ type: 'end', series: 2, figures: 1_440 })
    expect(parsed).toHaveLength(1 + 2 + 1_440 + 1)
  })

  it('that is large is written as it comes, compressed or not, and ends with its asker', async () => {
    const large = {
      ...{ kind: 'air-quality', values: ['pm25', 'pm10', 'no2', 'o3'], groupBy: 'sensor', window: '1m' },
      ...{ from: midnight - 48 * hour, to: midnight + 12 * hour },
    }
    const whole = await ask(large)
    expect(whole.series.map(({ figures }) => figures.length)).toEqual(Array.from({ length: 8 }, () => 3_600))
    const plain = await post(large, { 'accept-encoding': 'identity' })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(historyAnswer.parse(await plain.json())).toEqual(whole)
    const leaving = new AbortController()
    const begun = await post(large, { 'accept-encoding': 'identity' }, leaving.signal)
    expect(begun.headers.get('transfer-encoding')).toBe('chunked')
    leaving.abort()
    await until('the question to be over', async () => {
      const metrics = await (await get(api, '/metrics')).text()
      return /nhip_api_questions_ended_total\{why="gone"\} [1-9]/.test(metrics)
    })
  })

  it('that is wrong gets a problem that says what to ask instead', async () => {
    const asked = { kind: 'air-quality', values: ['pm25'] }
    const wrong: [object, number, string, string][] = [
      [{ ...asked, window: '0' }, 400, 'INVALID_REQUEST', 'NOT_ONE_OF'],
      [{ ...asked, window: 0 }, 400, 'INVALID_REQUEST', 'NOT_ONE_OF'],
      [{ ...asked, window: '1s' }, 400, 'INVALID_REQUEST', 'NOT_ONE_OF'],
      [{ ...asked, zone: 'Mars/Olympus' }, 400, 'INVALID_REQUEST', 'NOT_A_TIME_ZONE'],
      [{ ...asked, zone: '+07:00' }, 400, 'INVALID_REQUEST', 'NOT_A_TIME_ZONE'],
      [{ ...asked, functions: ['median'] }, 400, 'INVALID_REQUEST', 'NOT_ONE_OF'],
      [{ ...asked, points: 0 }, 400, 'INVALID_REQUEST', 'TOO_SMALL'],
      [{ ...asked, from: 'yesterday' }, 400, 'INVALID_REQUEST', 'NOT_A_TIME_GIVEN'],
      [{ ...asked, from: now, to: midnight }, 400, 'EMPTY_SPAN', 'SPAN_NOT_BEGUN'],
      [{ ...asked, from: midnight + hour, to: midnight }, 400, 'EMPTY_SPAN', 'FROM_NOT_BEFORE_TO'],
      [{ ...asked, values: ['energy'] }, 400, 'UNKNOWN_VALUE', 'VALUE_OF_OTHER_KIND'],
      [{ ...asked, sensors: ['aq-9'] }, 404, 'UNKNOWN_SENSOR', 'NO_SUCH_SENSORS'],
      [{ ...asked, wards: ['nowhere'] }, 400, 'INVALID_REQUEST', 'NO_SUCH_GROUPS'],
      [{ ...asked, from: now - 366 * 24 * hour, window: '1m' }, 422, 'TOO_MUCH_ASKED', 'TOO_MANY_FIGURES'],
      [{ ...asked, groupby: 'ward' }, 400, 'INVALID_REQUEST', 'UNKNOWN_KEYS'],
      [{ kind: 'air-quality' }, 400, 'INVALID_REQUEST', 'MISSING'],
    ]
    for (const [body, status, code, fault] of wrong) {
      const found = await problem(await post(body))
      expect(found, JSON.stringify(body)).toMatchObject({ status, code, faults: [{ code: fault }] })
    }
    const seconds = await problem(await get(api, `${path}?kind=air-quality&values=pm25&window=1s`))
    expect(seconds.detail).toMatch(/^window: must be one of 1m, 5m.*window=raw$/)
    expect(await problem(await get(api, path, { headers: {} }))).toMatchObject({ status: 401 })
  })
})
