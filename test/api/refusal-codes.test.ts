import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { problemSchema } from '#telemetry/rest.ts'
import {
  adminToken,
  get,
  openTestStore,
  startTestApi,
  startTestBroker,
  type TestBroker,
  type TestStore,
} from './api-parts.ts'
import type { ApiDescription } from './hostile-requests.ts'

/** the codes that say something in English words alone */
const wordsAlone = ['SAID', 'INVALID']
const values = ['', '-1', 'a,b', '%00', 'x'.repeat(3_000), '0.5', '1e999', 'all', 'a&']
const bodies = [
  ...['{bad', '', '[]', '{}', 'null', '"text"', '7'],
  '{"sensors":[],"order":{}}',
  '{"sensors":["l1"],"order":{"action":"blink"}}',
  '{"name":"","role":"king","rights":["fly"],"days":0}',
  '{"name":7,"password":true,"token":[]}',
  '{"ids":[],"minutes":0.5,"comment":7}',
  '{"rule":{"name":{},"priority":9,"scope":{"kind":"tide"},"condition":{"type":"tide"},"notify":"pigeon"}}',
  '{"version":0,"rule":{"condition":{"type":"threshold","value":7,"above":"x"}},"days":99}',
]

let broker: TestBroker
let test: TestStore
let api: Api

beforeAll(async () => {
  test = await openTestStore()
  broker = await startTestBroker()
  api = await startTestApi({ store: test.store, brokerPort: broker.port })
})
afterAll(async () => {
  await api.close()
  await broker.close()
  await test.close()
})

const headers = { authorization: `Bearer ${adminToken}` }

async function faultsOf(method: string, path: string, body?: string) {
  const json = body === undefined ? {} : { body, headers: { ...headers, 'content-type': 'application/json' } }
  const answer = await get(api, path, { method, headers, ...json })
  const text = await answer.text()
  return answer.status < 400 ? [] : (problemSchema.parse(JSON.parse(text)).faults ?? [])
}

describe('refusals of the api', () => {
  it('name what is wrong by codes: no parameter and no body of any route is answered in English words alone', async () => {
    const { paths } = (await (await get(api, '/api/openapi.json')).json()) as ApiDescription
    const found: string[] = []
    const look = async (method: string, path: string, body?: string) => {
      for (const { code, params } of await faultsOf(method.toUpperCase(), path, body))
        if (wordsAlone.includes(code)) found.push(`${method} ${path} ${body ?? ''}: ${JSON.stringify(params)}`)
    }
    for (const [path, operations] of Object.entries(paths))
      for (const [method, { parameters = [], requestBody }] of Object.entries(operations)) {
        const filled = path.replaceAll(/\{\w+\}/g, 'No-1')
        const names = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name)
        if (path.includes('{')) await look(method, filled, requestBody && '{}')
        for (const name of names) for (const value of values) await look(method, `${filled}?${name}=${value}`)
        for (const body of requestBody ? bodies : []) await look(method, path.replaceAll(/\{\w+\}/g, 'a1'), body)
      }
    expect(found).toEqual([])
  }, 120_000)

  it.each([
    ['GET', '/api/v1/alerts/nope-1', undefined, [['id', 'NOT_OF_FORM']]],
    ['GET', '/api/v1/alerts?priority=', undefined, [['priority.0', 'NOT_ONE_OF']]],
    ['GET', '/api/v1/alerts?priority=9', undefined, [['priority.0', 'NOT_ONE_OF']]],
    ['GET', '/api/v1/alerts?priority=1,b', undefined, [['priority.1', 'WRONG_TYPE']]],
    ['GET', '/api/v1/alerts?state=all', undefined, [['state.0', 'NOT_ONE_OF']]],
    ['GET', '/api/v1/alerts?kind=traffic&kind=traffic,b', undefined, [['kind.2', 'NOT_ONE_OF']]],
    ['GET', '/api/v1/alerts?cause=b', undefined, [['cause.0', 'NOT_ONE_OF']]],
    ['GET', '/api/v1/alerts?by=', undefined, [['by.0', 'MUST_NOT_BE_EMPTY']]],
    ['POST', '/api/v1/commands', '{bad', [[undefined, 'NOT_JSON_BODY']]],
    ['POST', '/api/v1/commands', '', [[undefined, 'NOT_JSON_BODY']]],
    [
      ...(['POST', '/api/v1/commands', '{"sensors":["l1"],"order":{"action":"blink"}}'] as const),
      [['order.action', 'NOT_ONE_OF']],
    ],
    ['POST', '/api/v1/commands', '{"sensors":["l1"],"order":{}}', [['order.action', 'MISSING']]],
    ['POST', '/api/v1/session', '{"name":7}', [['body', 'FITS_NO_FORM']]],
    ...['', '-1', '%00', 'Mars', '%2B07:00'].map(
      (zone) =>
        [
          ...(['GET', `/api/v1/sensors/aq-1/history?value=pm25&from=0&to=1&tz=${zone}`, undefined] as const),
          [['tz', 'NOT_A_TIME_ZONE']],
        ] as const,
    ),
  ] as const)('%s %s %s', async (method, path, body, expected) => {
    const faults = await faultsOf(method, path, body)
    const told = faults.filter((fault) => fault.path !== 'from' && fault.path !== 'to')
    expect(told.map((fault) => [fault.path, fault.code])).toEqual(expected)
    for (const fault of told)
      if (fault.code === 'NOT_ONE_OF') expect((fault.params as { choices: string[] }).choices.length).toBeGreaterThan(1)
  })
})
