import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { pino } from 'pino'
import { afterAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { problemSchema } from '#telemetry/rest.ts'
import { startTestAlerts, untilWatching } from '../alerts/alerts-parts.ts'
import { testPassword } from '../broker/raw-mqtt.ts'
import { startTestBroker } from '../broker/test-broker.ts'
import { influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { adminToken, airReading, get, openTestStore, startTestApi, untilReady } from './api-parts.ts'
import { type ApiDescription, type HostileRequest, hostileRequests } from './hostile-requests.ts'

const count = 2_000
const seed = 20_261_125

/** What went wrong with a request, or undefined. */
async function faultOf(
  api: Api,
  { method, path, headers, body, responses }: HostileRequest,
): Promise<string | undefined> {
  const sent = request({
    ...{ host: '127.0.0.1', port: api.port, method, path },
    headers: { ...headers, authorization: `Bearer ${adminToken}`, ...(body ? { 'content-length': body.length } : {}) },
  })
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage] // what this event gives
  const content = await text(answer)
  const status = answer.statusCode ?? 0
  if (status < 400) return undefined
  if (status >= 500) return `answered ${status}: ${content.slice(0, 300)}`
  if (/\n\s+at |node_modules|\/work\/|\.ts:\d/.test(content)) return `shows its inside: ${content.slice(0, 300)}`
  if (method === 'HEAD') return undefined
  if (!answer.headers['content-type']?.startsWith('application/problem+json'))
    return `answered ${status} without a problem`
  const { data: problem } = problemSchema.safeParse(JSON.parse(content))
  if (!problem) return `no problem document: ${content.slice(0, 300)}`
  if (!responses || responses[status]?.content?.['application/problem+json']?.examples?.[problem.code]) return undefined
  return `answered ${status} ${problem.code}, which is not described`
}

/** Sends everything, a few at once; gives what went wrong. */
async function faults(api: Api): Promise<string[]> {
  const description = (await (await get(api, '/api/openapi.json')).json()) as ApiDescription
  const requests = hostileRequests(description, seed, count)
  const found: string[] = []
  const work = async () => {
    for (const each of requests) {
      const fault = await faultOf(api, each)
      if (fault) found.push(`${each.method} ${each.path} ${each.body?.toString().slice(0, 200) ?? ''} ${fault}`)
    }
  }
  await Promise.all([work(), work(), work(), work()])
  return found
}

async function withApi(store: TelemetryStore, task: (api: Api) => Promise<void>): Promise<void> {
  const broker = await startTestBroker()
  await store.write([airReading('aq-1', Date.now() - 60_000, 12)])
  // requests about alerts and rules go on to it: what is wrong with them must not hurt it either
  const alerts = await startTestAlerts(store, broker.mqttPort)
  const mqtt = { url: `mqtt://127.0.0.1:${broker.mqttPort}`, username: 'api', password: testPassword }
  const api = await startTestApi({ store, brokerPort: broker.mqttPort, mqtt })
  try {
    await untilReady(api)
    await untilWatching(api)
    await task(api)
    expect((await get(api, '/health/ready')).status).toBe(200)
  } finally {
    await api.close()
    await alerts.close()
    await broker.close()
  }
}

describe('bad input', () => {
  it('of every sort, made from the description, is answered 4xx with a problem document and never 5xx, on DuckDB', async () => {
    const test = await openTestStore()
    await withApi(test.store, async (api) => expect(await faults(api)).toEqual([]))
    expect(await test.store.count()).toBe(1)
    await test.close()
  }, 240_000)

  it('that is not even HTTP is answered 400 and the connection is closed', async () => {
    const test = await openTestStore()
    await withApi(test.store, async (api) => {
      for (const line of [
        'GET / HTTP/9.9\r\n\r\n',
        'NONSENSE\r\n\r\n',
        `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n\r\n`,
        '\u0000\u0001\r\n\r\n',
      ]) {
        const socket = connect(api.port, '127.0.0.1')
        socket.write(line)
        expect(await text(socket)).toMatch(/^HTTP\/1\.1 4\d\d /)
      }
    })
    await test.close()
  })

  describe.skipIf(!influxdInstalled() && !process.env.CI)('with a real influxd', () => {
    const opened: { close(): Promise<unknown> }[] = []
    afterAll(async () => {
      for (const each of opened.toReversed()) await each.close()
    })

    it('is answered 4xx with a problem document and never 5xx', async () => {
      const influxd = await startInfluxd()
      opened.push(influxd)
      const store = await openInfluxdbStore({ url: influxd.url, bucket: 'bad-input', log: pino({ level: 'silent' }) })
      opened.push(store)
      await withApi(store, async (api) => expect(await faults(api)).toEqual([]))
      expect(await store.count()).toBe(1)
    }, 240_000)
  })
})
