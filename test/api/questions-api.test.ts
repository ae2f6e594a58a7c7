import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import type { HistoryQuery, Point, QueryContext, TelemetryStore } from '#storage/store.ts'
import { problemSchema } from '#telemetry/rest.ts'
import {
  adminToken,
  airReading,
  connectDevices,
  get,
  openTestStore,
  publishLive,
  startTestApi,
  startTestBroker,
  type TestBroker,
  type TestStore,
  until,
  untilReady,
} from './api-parts.ts'

const now = Date.now()

describe('questions to the api', () => {
  let broker: TestBroker
  let test: TestStore
  let api: Api | undefined
  /** questions of history that the store has not answered */
  let open: { queryContext: QueryContext | undefined; answer(points: Point[]): void }[]
  beforeEach(async () => {
    open = []
    broker = await startTestBroker()
    test = await openTestStore()
    await test.store.write([airReading('aq-1', now, 10)])
  })
  afterEach(async () => {
    for (const { answer } of open) answer([])
    await api?.close()
    await broker.close()
    await test.close()
  })

  /** A store whose histories come when the test says so, or end with their caller. */
  const slow = () =>
    new Proxy(test.store, {
      get(target, name: keyof TelemetryStore) {
        if (name !== 'buckets') return target[name].bind(target)
        return (_query: HistoryQuery, queryContext?: QueryContext) =>
          new Promise<Point[]>((answer, refuse) => {
            open.push({ queryContext, answer })
            queryContext?.signal.addEventListener('abort', () => refuse(queryContext.signal.reason))
          })
      },
    })
  const start = async (longestMs = 60_000) => {
    const questions = { perPerson: 8, all: 16, waitingPerPerson: 5, waiting: 100, longestMs }
    api = await startTestApi({ store: slow(), brokerPort: broker.port, questions })
    await untilReady(api)
    return api
  }
  const history = '/api/v1/sensors/aq-1/history?value=pm25'

  it('of one person are answered some at once, wait, and are refused with words and Retry-After beyond', async () => {
    const asked = await start()
    const answers = Array.from({ length: 60 }, () => get(asked, history))
    await until('two to be under way', () => open.length === 2)
    const refused = await until('the others to be refused', async () => {
      const done = await Promise.all(answers.map((each) => Promise.race([each, Promise.resolve(undefined)])))
      const some = done.filter((each) => each !== undefined)
      return some.length === 53 && some
    })
    expect(open).toHaveLength(2)
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([429]))
    expect(refused[0]?.headers.get('retry-after')).toBe('2')
    const problem = problemSchema.parse(await refused[0]?.json())
    expect(problem).toMatchObject({ code: 'TOO_MANY_QUESTIONS' })
    expect(problem.detail).toContain('5 questions waiting')
    for (let i = 0; i < 7; i++) {
      const next = await until('the next to be under way', () => open[i])
      next.answer([])
    }
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(7)
  })

  it('end in the store when the caller goes, and make room', async () => {
    const asked = await start()
    const caller = new AbortController()
    const headers = { authorization: `Bearer ${adminToken}` }
    const gone = Promise.allSettled(
      Array.from({ length: 2 }, () => fetch(asked.url + history, { headers, signal: caller.signal })),
    )
    await until('two to be under way', () => open.length === 2)
    caller.abort()
    await gone
    await until('the store to hear of it', () => open.every(({ queryContext }) => queryContext?.signal.aborted))
    const next = get(asked, history)
    ;(await until('another to be under way', () => open[2])).answer([])
    expect((await next).status).toBe(200)
  })

  it('that take too long are answered 504', async () => {
    const asked = await start(50)
    const answer = await get(asked, history)
    expect(answer.status).toBe(504)
    expect(problemSchema.parse(await answer.json()).code).toBe('TOO_SLOW')
    expect(open[0]?.queryContext?.signal.aborted).toBe(true)
  })

  it('that nobody answers hold up neither other routes nor what is live', async () => {
    const asked = await start()
    const held = Promise.allSettled(Array.from({ length: 60 }, () => get(asked, history)))
    await until('two to be under way', () => open.length === 2)
    const devices = await connectDevices(broker.port)
    await publishLive(devices, [airReading('aq-2', now + 1, 20)], now + 1)
    await until('the live reading to be known', async () => {
      const metrics = await fetch(`${asked.url}/metrics`)
      return /nhip_api_sensors 2/.test(await metrics.text())
    })
    await devices.endAsync()
    let answered = false
    void held.then(() => {
      answered = true
    })
    await until('all to be answered', () => {
      for (const { answer } of open) answer([])
      return answered
    })
  })
})
