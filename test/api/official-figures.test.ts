import type { MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { airFiguresResponse } from '#telemetry/figures/air-figures.ts'
import { waterFiguresResponse } from '#telemetry/figures/water-figures.ts'
import { problemSchema } from '#telemetry/rest.ts'
import { dayMs, december, hourMs, january, month, plantMonth } from '../history/figures/air/air-month.ts'
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

/** Half past midnight after the month. */
const now = month.to + hourMs / 2
const span = `from=${month.from}&to=${month.to}`

describe('official figures of the api', () => {
  let broker: TestBroker
  let test: TestStore
  let api: Api
  let devices: MqttClient

  const air = async (query = '') =>
    airFiguresResponse.parse(await (await get(api, `/api/v1/figures/air-quality?${query}`)).json())
  const water = async (query = '') =>
    waterFiguresResponse.parse(await (await get(api, `/api/v1/figures/water-level?${query}`)).json())
  const problem = async (path: string) => {
    const answer = await get(api, `/api/v1/figures/${path}`)
    const { code, faults } = problemSchema.parse(await answer.json())
    return { refused: [answer.status, code, faults?.[0]?.code], params: faults?.[0]?.params }
  }
  const refusal = async (path: string) => (await problem(path)).refused
  const placed = (sensor: string, ts: number, where: { ward?: string; kind?: string; simulated?: true }) => ({
    ...{ stream: 'placement' as const, id: `${sensor}-${ts}`, ts },
    body: { sensor, kind: 'air-quality', district: 'tay-ninh', ...where },
  })

  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    await plantMonth(test.store)
    const gauge = { district: 'tay-ninh', sensor: 'wl-1', kind: 'water-level' } as const
    await test.store.write(
      Array.from({ length: 144 }, (_, at) => {
        const ts = january(15) + at * 600_000
        // an hour of flood from 10:00 on
        return { ...gauge, ts, values: { level: ts >= january(15) + 10 * hourMs && at < 66 ? 3.25 : 1 } }
      }),
    )
    await test.store.appendEvents([
      { stream: 'period', id: 'period-wl-1', ts: month.from, body: { sensor: 'wl-1', seconds: 600 } },
      placed('aq-1', month.from, { ward: 'long-hoa' }),
      placed('aq-2', month.from, { ward: 'long-hoa', simulated: true }),
      placed('aq-2', january(1), { ward: 'hiep-tan', simulated: true }),
      placed('wl-1', month.from, { kind: 'water-level' }),
    ])
    api = await startTestApi({ store: test.store, brokerPort: broker.port, clock: () => now })
    devices = await connectDevices(broker.port)
    const meta = {
      ...{ name: { vi: 'Cầu Quan', en: 'Quan bridge' }, position: [106.1, 11.3], period: 600 },
      ...{ warningLevel1: 2, warningLevel2: 3.25, warningLevel3: 4 },
    }
    await devices.publishAsync('city/v1/tay-ninh/water-level/wl-1/meta', JSON.stringify(meta), { retain: true })
    await untilReady(api)
    await until('the gauge to be known', async () => (await water(span)).groups[0]?.gauges[0]?.warningLevels[1] === 2)
  })
  afterAll(async () => {
    await devices?.endAsync()
    await api?.close()
    await broker?.close()
    await test?.close()
  })

  it('of air are those of each station, day by day', async () => {
    const answer = await air(span)
    expect(answer).toMatchObject({
      ...{ from: month.from, to: month.to, tz: 'Asia/Ho_Chi_Minh', window: '1d', groupBy: 'sensor' },
      ...{ asOf: month.to, standard: 'qcvn', method: 'mean-of-stations' },
    })
    expect(answer.groups.map(({ id, sensors, simulated }) => [id, sensors, simulated])).toEqual([
      ['aq-1', 1, 0],
      ['aq-2', 1, 1],
    ])
    const [first] = answer.groups
    expect(first?.bands).toMatchObject({ good: 22, moderate: 3, sensitive: 4, none: 2 })
    expect(first?.limits.find(({ period }) => period === '24h')).toMatchObject({ pollutant: 'pm25', exceedances: 4 })
    expect(first).toMatchObject({ corrected: 192, excluded: { invalid: 96 } })
  })

  it('of wards are those of the stations that stood there then', async () => {
    const { groups } = await air(`${span}&groupBy=ward&window=1mo`)
    expect(groups.map(({ id, sensors, buckets }) => [id, sensors, buckets[0]?.means?.pm25?.days])).toEqual([
      ['hiep-tan', 1, undefined],
      ['long-hoa', 2, 16],
    ])
    // 25 and 50 of 24 days: aq-1 and aq-2, from January on aq-1 alone
    const { groups: of } = await air(`from=${december(31)}&to=${january(2)}&groupBy=ward&wards=long-hoa&window=1d`)
    expect(of[0]?.buckets.map(({ aqi }) => aqi?.parts.pm25?.concentration)).toEqual([25, 20])
  })

  it('of air are widened to whole windows, and judged by WHO on demand', async () => {
    const answer = await air(
      `from=${december(25) + 10.5 * hourMs}&to=${december(25) + 10.6 * hourMs}&window=1h&sensors=aq-1&standard=who`,
    )
    expect([answer.from, answer.to, answer.standard]).toEqual([
      december(25) + 10 * hourMs,
      december(25) + 11 * hourMs,
      'who',
    ])
    expect(answer.groups[0]?.buckets).toMatchObject([{ aqi: { index: 101, worst: 'no2' } }])
    const today = await air()
    expect([today.to, today.asOf, today.groups[0]?.buckets.at(-1)?.partial]).toEqual([month.to + dayMs, month.to, true])
  })

  it('of water are peak, rise and hours above báo động I, II and III, by the levels the gauge says', async () => {
    const { groups } = await water(`from=${january(15)}&to=${january(16)}`)
    expect(groups).toMatchObject([
      {
        ...{ id: 'wl-1', name: { en: 'Quan bridge' }, gauges: [{ warningLevels: { 1: 2, 2: 3.25, 3: 4 } }] },
        peak: { level: 3.25, at: january(15) + 10 * hourMs, aboveWarning1: 1.25 },
        above: [
          { warning: 1, hours: 1 },
          { warning: 2, hours: 1 },
          { warning: 3, hours: 0 },
        ],
        rises: [{ within: 1, rise: 2.25 }, { within: 3 }, { within: 24 }],
      },
    ])
    expect((await water(`${span}&groupBy=district`)).groups).toMatchObject([{ id: 'tay-ninh', sensors: 1 }])
  })

  it('of sensors without a ward are together, and of a day without readings say so', async () => {
    expect((await water(`${span}&sensors=wl-1&districts=tay-ninh&groupBy=ward`)).groups).toMatchObject([{ id: null }])
    expect((await air(`from=${december(1)}&to=${december(2)}&sensors=aq-1`)).groups[0]?.buckets).toMatchObject([
      { aqi: { none: { code: 'NO_READINGS' } } },
    ])
  })

  it('that cannot be given say what to ask instead', async () => {
    expect(await problem('air-quality?sensors=aq-9')).toEqual({
      refused: [404, 'UNKNOWN_SENSOR', 'NO_SUCH_SENSORS'],
      params: { ids: ['aq-9'], more: 0 },
    })
    const invalid = [400, 'INVALID_REQUEST']
    expect(await refusal('water-level?sensors=aq-1')).toEqual([...invalid, 'SENSORS_OF_OTHER_KIND'])
    expect(await refusal('air-quality?wards=nowhere')).toEqual([...invalid, 'NO_SUCH_GROUPS'])
    expect((await refusal('air-quality?window=5m')).slice(0, 2)).toEqual(invalid)
    expect((await refusal('air-quality?standard=epa')).slice(0, 2)).toEqual(invalid)
    const inverted = `air-quality?from=${month.to}&to=${month.from}`
    expect(await refusal(inverted)).toEqual([400, 'EMPTY_SPAN', 'FROM_NOT_BEFORE_TO'])
    expect(await refusal(`air-quality?from=${now + dayMs}`)).toEqual([400, 'EMPTY_SPAN', 'SPAN_NOT_BEGUN'])
    expect(await problem('air-quality?from=2016-01-01T00:00:00Z&window=1h')).toEqual({
      refused: [422, 'TOO_MUCH_ASKED', 'TOO_MANY_FIGURES'],
      params: { figures: expect.any(Number), most: 20_000, window: '1d' },
    })
    test.down = true
    expect((await refusal('air-quality')).slice(0, 2)).toEqual([503, 'STORE_UNAVAILABLE'])
    test.down = false
  })
})
