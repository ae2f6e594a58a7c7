import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { qualityResponse } from '#telemetry/quality.ts'
import { problemSchema } from '#telemetry/rest.ts'
import { localHours } from '../support/local-hours.ts'
import {
  airReading,
  get,
  openTestStore,
  startTestApi,
  startTestBroker,
  type TestBroker,
  type TestStore,
  until,
  untilReady,
  web,
} from './api-parts.ts'

const start = Date.UTC(2026, 10, 20, 5)
const minute = 60_000
const hour = 60 * minute
const now = start + 2.5 * hour

describe('the quality of a sensor’s data', () => {
  let test: TestStore
  let broker: TestBroker
  let api: Api

  const refused = (id: string, topic: string, ts: number, count: number) => {
    const body = { ts, topic, payload: '{', payloadBytes: 1, code: 'NOT_JSON', reason: 'is not JSON', count }
    return { stream: 'quarantine' as const, id, ts, body }
  }
  const hours = async (query = '') => {
    const answer = await get(api, `/api/v1/sensors/aq-1/quality?${query}`)
    expect(answer.status).toBe(200)
    return qualityResponse.parse(await answer.json())
  }
  const problem = async (path: string) => problemSchema.parse(await (await get(api, path)).json())

  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    // the period of a sensor without meta is a minute: one full hour, then half of one, then silence
    await test.store.write([
      airReading('aq-1', start - minute, 5),
      ...Array.from({ length: 90 }, (_, i) => airReading('aq-1', start + i * minute, 5)),
    ])
    const topic = 'city/v1/tay-ninh/air-quality/aq-1/reading'
    await test.store.appendEvents([
      refused('one', topic, start + hour + minute, 1),
      refused('many', topic, start + hour + 2 * minute, 9),
      refused('other', 'city/v1/tay-ninh/air-quality/aq-2/reading', start + minute, 50),
    ])
    api = await startTestApi({ store: test.store, brokerPort: broker.port, clock: () => now })
    await untilReady(api)
  })
  afterAll(async () => {
    await api?.close()
    await broker?.close()
    await test?.close()
  })

  it('is told per hour, the present one as far as it has come', async () => {
    const answer = await hours(`from=${start}`)
    expect(answer).toMatchObject({ sensor: 'aq-1', truncated: false })
    expect(answer.hours).toEqual(
      [
        { from: start, to: start + hour, correct: 1, complete: 1, clean: 1, live: 1, score: 1 },
        // 30 of 60 readings, 10 refused, fresh for three minutes after the last
        { from: start + hour, to: start + 2 * hour, correct: 0.75, complete: 0.5, clean: 1, live: 32 / 60, score: 0.5 },
        { from: start + 2 * hour, to: now, complete: 0, live: 0, score: 0 },
      ].map((each) => ({ ...each, live: Math.round(each.live * 1_000) / 1_000 })),
    )
  })

  it('covers the last 24 hours unless asked otherwise', async () => {
    const answer = await hours()
    expect(answer.hours).toHaveLength(24)
    expect(answer.hours.at(-1)?.to).toBe(now)
  })

  it('is told for the hours of the city’s clock', async () => {
    const there = await startTestApi({
      ...{ store: test.store, brokerPort: broker.port, clock: () => now },
      web: { ...web, timeZone: 'Asia/Kathmandu' },
    })
    try {
      await untilReady(there)
      const answer = await get(there, '/api/v1/sensors/aq-1/quality')
      const told = qualityResponse.parse(await answer.json()).hours.map(({ from, to }) => ({ from, to }))
      const seen = localHours('Asia/Kathmandu', now - 30 * hour, now).slice(-24)
      expect(told).toEqual(seen)
    } finally {
      await there.close()
    }
  })

  it('counts refused messages of every hour, however many came after them', async () => {
    const topic = 'city/v1/tay-ninh/air-quality/aq-3/reading'
    await test.store.write([airReading('aq-3', start - 20 * hour, 5)])
    await test.store.appendEvents([
      refused('early', topic, start - 20 * hour, 7),
      ...Array.from({ length: 12_000 }, (_, i) => refused(`flood-${i}`, topic, start - hour + i * 100, 1)),
    ])
    await untilReady(api)
    const answer = await until('aq-3', async () => {
      const found = await get(api, '/api/v1/sensors/aq-3/quality')
      return found.status === 200 && qualityResponse.parse(await found.json())
    })
    expect(answer.hours.find(({ from }) => from === start - 20 * hour)?.correct).toBe(0.125)
    expect(answer.hours.find(({ from }) => from === start - hour)).toMatchObject({ correct: 0, score: 0 })
    expect(answer.truncated).toBe(false)
  })

  it('expects of a backfill no more than its own step', async () => {
    const body = { from: start + 2 * hour, to: now, step: hour }
    await test.store.appendEvents([{ stream: 'backfill', id: 'b', ts: now, body }])
    // its newest reading is half an hour old, and one an hour is to be expected
    expect((await hours(`from=${start + 2 * hour}`)).hours).toMatchObject([{ complete: 0, live: 1 }])
  })

  it('answers wrong questions with what is wrong', async () => {
    const at = (query: string) => problem(`/api/v1/sensors/aq-1/quality?${query}`)
    expect(await problem('/api/v1/sensors/no-such/quality')).toMatchObject({ status: 404, code: 'UNKNOWN_SENSOR' })
    expect(await at('from=soon')).toMatchObject({ status: 400, code: 'INVALID_REQUEST' })
    expect(await at(`from=${now}&to=${start}`)).toMatchObject({ status: 400, code: 'EMPTY_SPAN' })
    expect(await at(`from=${start - 48 * hour}`)).toMatchObject({ status: 400, code: 'SPAN_TOO_LONG' })
    test.down = true
    const down = await at(`from=${start}`)
    test.down = false
    expect(down).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' })
  })
})
