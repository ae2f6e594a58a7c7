import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import type { PresenceEvent } from '#telemetry/presence.ts'
import type { Reading } from '#telemetry/reading.ts'
import { earliestTime, latestTime } from '#telemetry/reading-parts.ts'
import {
  coverageResponse,
  maxReplayReadings,
  replayDaysResponse,
  replayResponse,
  unpackReadings,
  unpackTable,
} from '#telemetry/replay.ts'
import { problemSchema } from '#telemetry/rest.ts'
import {
  adminToken,
  airReading,
  get,
  openTestStore,
  startTestApi,
  startTestBroker,
  type TestBroker,
  type TestStore,
  untilReady,
} from './api-parts.ts'

const start = Date.UTC(2026, 10, 20, 5)
const now = start + 3 * 3_600_000
const minute = 60_000
const authorization = { authorization: `Bearer ${adminToken}` }

const counted = { district: 'tay-ninh', sensor: 'counter-1', kind: 'traffic' } as const
const whole = { intensity: 10, motorbikes: 5, cars: 5, buses: 0, trucks: 0 }

describe('the api’s replay', () => {
  let test: TestStore
  let broker: TestBroker
  let api: Api

  const lamp = (ts: number, powerState: 'on' | 'off'): Reading => {
    return { district: 'hoa-thanh', sensor: 'lamp-1', ts, kind: 'lighting', values: { powerState, activePower: 80.5 } }
  }
  const ask = async (query: Record<string, string | number>) => {
    const answer = await get(api, `/api/v1/replay?${new URLSearchParams(query as Record<string, string>)}`)
    expect(answer.status).toBe(200)
    return replayResponse.parse(await answer.json())
  }
  const problem = async (path: string) => {
    const answer = await get(api, path)
    return problemSchema.parse(await answer.json())
  }

  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    await test.store.write([
      // before the replay: one long ago, one too long ago
      airReading('aq-1', start - 20 * 3_600_000, 1),
      airReading('aq-2', start - 25 * 3_600_000, 2),
      lamp(start - 1, 'off'),
      ...Array.from({ length: 120 }, (_, i) => airReading('aq-1', start + i * 10_000, i)),
      lamp(start + 5 * minute, 'on'),
    ])
    // each message is valid, what is stored contradicts itself
    await test.store.write([{ ...counted, ts: start - 30 * 3_600_000, values: whole }])
    await test.store.write([{ ...counted, ts: start - 30 * 3_600_000, values: { intensity: 12 } }])
    await test.store.appendEvents([
      { stream: 'backfill', id: 'b', ts: start, body: { from: start - minute, to: start, step: 300_000 } },
    ])
    const presence = (id: string, ts: number, body: PresenceEvent) => ({ stream: 'presence' as const, id, ts, body })
    await test.store.appendEvents([
      presence('c1', start - minute, { type: 'checkpoint', parts: 2, offline: ['aq-1'] }),
      presence('c2', start - minute, { type: 'checkpoint', parts: 2, offline: ['lamp-1'] }),
      presence('c3', start - 500, { type: 'checkpoint', parts: 2, offline: ['half-lost'] }),
      presence('p1', start - 2_000, {
        type: 'changes',
        changes: [
          ['aq-1', start - 1_000, false],
          ['aq-2', start - 1, true],
          ['aq-1', start, true],
        ],
      }),
      presence('p2', start + 4 * minute, { type: 'changes', changes: [['aq-1', start + 4 * minute, false]] }),
    ])
    api = await startTestApi({ store: test.store, brokerPort: broker.port, clock: () => now })
    await untilReady(api)
  })
  afterAll(async () => {
    await api?.close()
    await broker?.close()
    await test?.close()
  })

  it('begins with the newest reading of each sensor before, no older than a day, and goes on with every reading', async () => {
    const answer = await ask({ from: start, to: start + 10 * minute })
    const state = (answer.state ?? []).flatMap((table) => [...unpackTable(table, answer.from)])
    expect(state).toEqual([lamp(start - 1, 'off'), airReading('aq-1', start - 20 * 3_600_000, 1)])
    expect(answer).toMatchObject({ from: start, to: start + 10 * minute, step: 0 })
    const readings = unpackReadings(answer)
    expect(readings).toHaveLength(61)
    expect(readings.filter(({ kind }) => kind === 'lighting')).toEqual([lamp(start + 5 * minute, 'on')])
    expect(readings.map(({ ts }) => ts)).toEqual(readings.map(({ ts }) => ts).toSorted((a, b) => a - b))
  })

  it('gives a reading that contradicts itself since it was corrected as it is stored, as a start and thinned too', async () => {
    const corrected = { ...counted, ts: start - 30 * 3_600_000, values: { ...whole, intensity: 12 } }
    const [from, to] = [corrected.ts - minute, corrected.ts + minute]
    expect(unpackReadings(await ask({ from, to }))).toEqual([corrected])
    expect(unpackReadings(await ask({ from, to, step: minute }))).toEqual([corrected])
    const after = await ask({ from: to, to: to + minute })
    expect((after.state ?? []).flatMap((table) => [...unpackTable(table, after.from)])).toEqual([corrected])
  })

  it('tells who was offline at its start, and who came and went from then on', async () => {
    const answer = await ask({ from: start, to: start + 4 * minute })
    expect(answer.offline?.toSorted()).toEqual(['aq-2', 'lamp-1'])
    expect(answer.presence).toEqual([['aq-1', start, true]])
    const next = await ask({ from: start + 4 * minute, to: start + 5 * minute, state: 'false' })
    expect([next.offline, next.presence]).toEqual([undefined, [['aq-1', start + 4 * minute, false]]])
  })

  it('has the same values as the history of each sensor', async () => {
    const readings = unpackReadings(await ask({ from: start, to: start + 20 * minute, state: 'false' }))
    const query = `value=pm25&window=raw&from=${start}&to=${start + 20 * minute}`
    const history = (await (await get(api, `/api/v1/sensors/aq-1/history?${query}`)).json()) as { points: unknown }
    const replayed = readings.flatMap((reading) =>
      reading.kind === 'air-quality' ? [{ ts: reading.ts, value: reading.values.pm25 }] : [],
    )
    expect(replayed).toEqual(history.points)
  })

  it('thinned by a step is exact at each whole step', async () => {
    const span = { from: start, to: start + 20 * minute, state: 'false' }
    const all = unpackReadings(await ask(span))
    const thinned = unpackReadings(await ask({ ...span, step: minute }))
    expect(thinned.length).toBeLessThan(all.length / 4)
    const newest = (readings: Reading[], sensor: string, before: number) =>
      readings.findLast((reading) => reading.sensor === sensor && reading.ts < before)
    for (let at = start + minute; at <= span.to; at += minute)
      for (const sensor of ['aq-1', 'lamp-1']) expect(newest(thinned, sensor, at)).toEqual(newest(all, sensor, at))
  })

  it('ends an answer that would be too large at a moment before which nothing is missing', async () => {
    const from = start - 10 * 3_600_000
    const count = maxReplayReadings + 1_000
    const many = Array.from({ length: count }, (_, i) => airReading(`many-${i % 50}`, from + 20 * i, i % 100))
    await test.store.write(many)
    const found: Reading[] = []
    let answers = 0
    const end = from + 20 * minute
    for (let at = from; at < end; answers += 1) {
      const answer = await ask({ from: at, to: end, state: 'false' })
      found.push(...unpackReadings(answer))
      at = answer.to
    }
    expect(answers).toBe(2)
    expect(found).toEqual(many)
    // with a step it ends at a whole one
    const thinned = await ask({ from, to: end, step: 20, state: 'false' })
    expect(thinned.to % 20).toBe(0)
  })

  it('is compressed for who takes that', async () => {
    const path = `/api/v1/replay?from=${start}&to=${start + minute}`
    const plain = await get(api, path, {
      headers: { ...authorization, 'accept-encoding': 'identity' },
    })
    const packed = await get(api, path, { headers: { ...authorization, 'accept-encoding': 'gzip' } })
    expect([plain.headers.get('content-encoding'), packed.headers.get('content-encoding')]).toEqual([null, 'gzip'])
    expect(await packed.json()).toEqual(await plain.json())
  })

  it('tells how complete the readings are, and what a backfill gave', async () => {
    const query = `from=${start}&to=${start + 30 * minute}`
    const answer = coverageResponse.parse(await (await get(api, `/api/v1/replay/coverage?${query}`)).json())
    expect(answer.backfills).toEqual([{ from: start - minute, to: start, step: 300_000 }])
    expect(answer.shares).toHaveLength(6)
    // 20 minutes with readings, 10 without
    expect(answer.shares.map((share) => share > 0)).toEqual([true, true, true, true, false, false])
    const day = coverageResponse.parse(await (await get(api, '/api/v1/replay/coverage')).json())
    expect(day.to).toBe(now)
    expect(day.from % day.window).toBe(0)
    expect(day.shares.length).toBeLessThanOrEqual(289)
  })

  it('tells on which local days there is anything, and when the first reading was measured', async () => {
    const asked = async (query: string) =>
      replayDaysResponse.parse(await (await get(api, `/api/v1/replay/days?${query}`)).json())
    const day = 24 * 60 * minute
    // midnight of Tây Ninh
    const midnight = Date.UTC(2026, 10, 19, 17)
    const { first, days } = await asked(`from=${midnight - 3 * day}&to=${midnight + 2 * day}`)
    expect(first).toBe(start - 30 * 60 * minute)
    expect(days.map(({ from, to, hasReadings }) => [(from - midnight) / day, (to - from) / day, hasReadings])).toEqual([
      [-3, 1, false],
      [-2, 1, false],
      [-1, 1, true],
      [0, 1, true],
      [1, 1, false],
    ])
    expect((await asked('')).days.length).toBeGreaterThan(29)
    // the first and the last day of all times are cut where times end
    for (const edge of [earliestTime, latestTime]) {
      const span = { from: Math.max(edge - day, earliestTime), to: Math.min(edge + day, latestTime) }
      const { days: cut } = await asked(`from=${span.from}&to=${span.to}`)
      expect([cut[0]?.from, cut.at(-1)?.to]).toContain(edge)
    }
    const tooLong = await problem(`/api/v1/replay/days?from=${start - 44 * day}&to=${start}`)
    expect(tooLong).toMatchObject({ status: 400, code: 'SPAN_TOO_LONG' })
  })

  it('expects of a day that is long over the sensors that were heard on it, not those that came since', async () => {
    const from = start - 10 * 24 * 60 * minute
    await test.store.write(Array.from({ length: 60 }, (_, i) => airReading('alone', from + i * 10_000, i)))
    const query = `from=${from}&to=${from + 10 * minute}`
    const { shares } = coverageResponse.parse(await (await get(api, `/api/v1/replay/coverage?${query}`)).json())
    expect(shares.every((share) => share > 0.9)).toBe(true)
  })

  it('answers wrong questions with what is wrong', async () => {
    const at = (query: string) => problem(`/api/v1/replay?${query}`)
    expect(await at(`from=${start}`)).toMatchObject({ status: 400, code: 'INVALID_REQUEST' })
    expect(await at(`from=${start}&to=soon`)).toMatchObject({ status: 400, code: 'INVALID_REQUEST' })
    expect(await at(`from=${start}&to=${start}`)).toMatchObject({ status: 400, code: 'EMPTY_SPAN' })
    expect(await at(`from=${start}&to=${start + 31 * minute}`)).toMatchObject({ status: 400, code: 'SPAN_TOO_LONG' })
    const odd = await at(`from=${start + 1}&to=${start + minute}&step=60000`)
    expect(odd).toMatchObject({ status: 400, code: 'INVALID_REQUEST' })
    expect(odd.detail).toContain('whole multiples of step')
    for (const step of ['0', '-5', '1.5', '700000', 'x'])
      expect(await at(`from=${start}&to=${start + minute}&step=${step}`)).toMatchObject({ status: 400 })
    expect(await at(`from=${start}&to=${start + minute}&state=perhaps`)).toMatchObject({ status: 400 })
    // the earliest time there is: nothing is before it
    const first = await problem('/api/v1/replay/coverage?to=2000-01-01T00:00:00Z')
    expect(first).toMatchObject({ status: 400, code: 'EMPTY_SPAN' })
    const long = await problem(`/api/v1/replay/coverage?from=${start}&to=${start + 27 * 60 * minute}`)
    expect(long).toMatchObject({ status: 400, code: 'SPAN_TOO_LONG' })
  })

  it('answers 503 while the store is down', async () => {
    test.down = true
    const answers = [
      await problem(`/api/v1/replay?from=${start}&to=${start + minute}`),
      await problem('/api/v1/replay/coverage'),
    ]
    test.down = false
    expect(answers.map(({ code }) => code)).toEqual(['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'])
  })

  it('begins with the newest of each value, each at its own time, and shows nothing of a clock that was ahead', async () => {
    const at = start + 2 * 3_600_000
    const air = (ts: number, values: Extract<Reading, { kind: 'air-quality' }>['values']): Reading => ({
      ...{ district: 'tay-ninh', sensor: 'aq-parts', ts, kind: 'air-quality', values },
    })
    await test.store.write([
      air(at - minute, { pm25: 180, pm10: 3 }),
      air(at - 1, { temperature: 30 }),
      { ...air(at - 2, { pm25: 7 }), aheadMs: 400_000 },
      // one time in two messages, the second of which corrects the first
      air(at, { pm25: 1, pm10: 2 }),
      air(at, { pm25: 5 }),
      { ...air(at + 1, { pm25: 8 }), aheadMs: 400_000 },
    ])
    const answer = await ask({ from: at, to: at + minute, state: 'true' })
    const mine = (readings: Reading[]) => readings.filter(({ sensor }) => sensor === 'aq-parts')
    expect(mine((answer.state ?? []).flatMap((table) => [...unpackTable(table, at)]))).toEqual([
      air(at - minute, { pm25: 180, pm10: 3 }),
      air(at - 1, { temperature: 30 }),
    ])
    expect(mine(unpackReadings(answer))).toEqual([air(at, { pm25: 5, pm10: 2 })])
  })
})
