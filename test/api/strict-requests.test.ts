import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Api } from '#api/api.ts'
import type { ProtectedRoute } from '#api/server/authorization.ts'
import { root } from '#start/prepare.mjs'
import {
  adminToken,
  get,
  openTestStore,
  startTestApi,
  startTestBroker,
  type TestBroker,
  type TestStore,
  until,
} from './api-parts.ts'
import { buildFullServer, type FullServer } from './full-server.ts'
import type { ApiDescription } from './hostile-requests.ts'

/** Addresses to which others add parameters of their own; each further one needs a reason. */
const openToParameters = [
  // the page and its files: links, share buttons, caches
  ...['GET /', 'GET /*', 'HEAD /*'],
  // scrapers and load balancers
  ...[
    'GET /health/live',
    'HEAD /health/live',
    'GET /health/ready',
    'HEAD /health/ready',
    'GET /metrics',
    'HEAD /metrics',
  ],
  // identity providers
  'GET /api/v1/session/openid/callback',
]
const headers = { authorization: `Bearer ${adminToken}` }
const rule = {
  name: { vi: 'Thử', en: 'Try' },
  priority: 2,
  scope: { kind: 'air-quality' },
  condition: { type: 'threshold', value: 'pm25', above: 50 },
}
const bodies = [
  [
    'POST',
    '/api/v1/commands',
    { sensors: ['l1'], order: { action: 'dim', level: 1, fade: 3 } },
    'order',
    'fade',
    'level',
  ],
  [
    'POST',
    '/api/v1/commands',
    { sensors: ['l1'], order: { action: 'on', level: 1 } },
    'order',
    'level',
    'action, until',
  ],
  ['POST', '/api/v1/commands', { sensors: ['l1'], order: { action: 'on' }, group: 'x' }, 'body', 'group', 'comment'],
  ['POST', '/api/v1/session', { token: 't', name: 'n', password: 'p' }, 'body', 'token', 'password'],
  ['POST', '/api/v1/session', { token: 't', remember: true }, 'body', 'remember', 'token'],
  ['PATCH', '/api/v1/people/first-admin', { disable: true }, 'body', 'disable', 'disabled'],
  ['POST', '/api/v1/people', { name: 'An', role: 'viewer', rights: ['see'] }, 'body', 'rights', 'role'],
  ['POST', '/api/v1/keys', { name: 'k', rights: ['see'], days: 1, until: 5 }, 'body', 'until', 'days'],
  ['POST', '/api/v1/alerts/shelve', { ids: ['a'], minutes: 5, hours: 1 }, 'body', 'hours', 'minutes'],
  ['POST', '/api/v1/alert-rules', { rule: { ...rule, prio: 1 } }, 'rule', 'prio', 'priority'],
  [
    'POST',
    '/api/v1/alert-rules',
    { rule: { ...rule, name: { ...rule.name, fr: 'Essai' } } },
    'rule.name',
    'fr',
    'vi, en',
  ],
  [
    'POST',
    '/api/v1/alert-rules',
    { rule: { ...rule, scope: { kind: 'air-quality', ward: 'w' } } },
    'rule.scope',
    'ward',
    'wards',
  ],
  [
    'PUT',
    '/api/v1/alert-rules/r',
    { version: 1, rule: { ...rule, condition: { ...rule.condition, abvoe: 3 } } },
    'rule.condition',
    'abvoe',
    'above',
  ],
  [
    'POST',
    '/api/v1/alert-rules/dry-run',
    { rule: { ...rule, condition: { type: 'threshold', value: 7, change: 3 } } },
    'rule.condition',
    'change',
    'above',
  ],
] as const

describe('unknown parameters and keys', () => {
  let broker: TestBroker
  let api: Api
  let test: TestStore
  let full: FullServer
  let document: ApiDescription

  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    api = await startTestApi({ store: test.store, brokerPort: broker.port })
    full = await buildFullServer(test, broker.port)
    document = (await (await get(api, '/api/openapi.json')).json()) as ApiDescription
  })
  afterAll(async () => {
    await full.close()
    await api.close()
    await broker.close()
    await test.close()
  })

  const nameOf = ({ method, url }: Pick<ProtectedRoute, 'method' | 'url'>) => `${method} ${url}`
  const ask = async (method: string, url: string, payload?: unknown) => {
    const { status, body } = await full.ask({ method, url, headers, payload })
    return { status, detail: body }
  }
  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        ...{ path, method: method.toUpperCase(), operation },
        url: path.replaceAll(/\{\w+\}/g, 'x1'),
        query: (operation.parameters ?? []).filter((parameter) => parameter.in === 'query').map(({ name }) => name),
      })),
    )

  it('are refused in the words of the README and of the description, which has the version of the platform', async () => {
    const { detail } = await ask('GET', '/api/v1/sensors/x1/history?format=csv&value=pm25&from=2026-01-01T00:00:00Z')
    const { detail: words } = z.object({ detail: z.string() }).parse(JSON.parse(detail))
    expect(words).toContain('unknown parameter format; known are')
    const readme = (await readFile(join(root, 'README.md'), 'utf8')).replaceAll(/\s+/g, ' ')
    expect(/`(querystring: unknown parameter [^`]*)`/.exec(readme)?.[1]).toBe(words)
    expect(JSON.stringify(document)).toContain(words)
    const described = z.object({ info: z.object({ version: z.string() }) }).parse(document)
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    expect(described.info.version).toBe(version)
  })

  it('in the address are refused on every route, by name, with those that there are', async () => {
    expect(operations().length).toBeGreaterThan(40)
    for (const { path, method, url, query } of operations()) {
      if (openToParameters.includes(`${method} ${path}`)) continue
      const { status, detail } = await ask(method, `${url}?format=csv&from=2026-01-01T00:00:00Z`)
      expect(status, `${method} ${path}`).toBe(400)
      expect(detail, `${method} ${path}`).toMatch(/querystring: unknown parameters? format/)
      expect(detail).toContain(query.length > 0 ? `known are ${query.join(', ')}` : 'there are no parameters here')
    }
  })

  it('are passed over at these routes alone, where others add their own', async () => {
    const taken: string[] = []
    for (const route of full.server.protectedRoutes) {
      const { status } = await ask(route.method, `${route.url.replaceAll(/:\w+/g, 'x1').replace('*', 'none.js')}?utm=1`)
      if (status !== 400) taken.push(nameOf(route))
    }
    const pageOfDocs = (name: string) => name.includes(' /api/docs') && !/(json|yaml)$/.test(name)
    expect(taken.filter((name) => !pageOfDocs(name)).toSorted()).toEqual(openToParameters.toSorted())
    expect(taken).toContain('GET /api/docs/static/*')
  })

  it('that are given twice are refused with words, unless they are lists', async () => {
    for (const { path, method, url, operation } of operations()) {
      for (const { name, in: where, schema } of operation.parameters ?? []) {
        if (where !== 'query') continue
        const { status, detail } = await ask(method, `${url}?${name}=1&${name}=2`)
        const words = `${name}: is given 2 times; give it once`
        if (schema?.type === 'array') expect(detail, `${path} ${name}`).not.toContain(words)
        else expect([status, detail.includes(words)], `${path} ${name}`).toEqual([400, true])
      }
    }
    const { detail } = await ask('GET', '/api/v1/replay?from=1&from=2&format=csv')
    expect(JSON.parse(detail).detail).toBe(
      'querystring: unknown parameter format; known are from, to, step, state; from: is given 2 times; give it once; to: Invalid input: expected string, received undefined',
    )
  })

  it('in a body are refused on every route that takes one, and a body where none is taken', async () => {
    for (const { path, method, url, operation } of operations()) {
      if (method === 'GET') continue
      const { status, detail } = await ask(method, url, { 'no-such-key': 1 })
      expect(status, `${method} ${path}`).toBe(400)
      expect(detail).toContain(operation.requestBody ? 'body: unknown key no-such-key; known are ' : 'body: ')
      if (!operation.requestBody) expect(detail).toContain('takes none')
    }
    expect((await ask('GET', '/api/v1/session', { a: 1 })).status).toBe(400)
    expect((await ask('DELETE', '/api/v1/people/nobody/sessions', [])).status).toBe(400)
    // some clients always send an object
    expect((await ask('DELETE', '/api/v1/people/nobody/sessions', {})).status).toBe(404)
  })

  it.each(bodies)('in a body are refused at every depth: %s %s %j', async (method, url, payload, where, key, known) => {
    const { status, detail } = await ask(method, url, payload)
    expect(status).toBe(400)
    expect(detail).toContain(`${where}: unknown key ${key}; known are `)
    expect(detail.slice(detail.indexOf(`${where}: unknown`))).toContain(known)
  })

  it('are described as such: every object of a body is closed', () => {
    const open: string[] = []
    const look = (schema: unknown, at: string) => {
      if (typeof schema !== 'object' || schema === null) return
      if ('properties' in schema && (schema as { additionalProperties?: unknown }).additionalProperties !== false)
        open.push(at)
      for (const [key, value] of Object.entries(schema)) look(value, `${at}/${key}`)
    }
    for (const { path, method, operation } of operations())
      look(operation.requestBody?.content['application/json']?.schema, `${method} ${path}`)
    expect(open).toEqual([])
  })

  it('are named in bounds', async () => {
    const many = Array.from({ length: 9 }, (_, at) => `${at}${'x'.repeat(100)}=1`).join('&')
    const { detail } = await ask('GET', `/api/v1/session?${many}`)
    expect(JSON.parse(detail).detail).toMatch(
      /^querystring: unknown parameters (\dx{63}, ){4}\dx{63} and 4 more; there/,
    )
  })

  it.each([
    ['__proto__=1', '__proto__'],
    ['constructor=1', 'constructor'],
    ['toString', 'toString'],
    ['from%5B%5D=1', 'from[]'],
    ['FROM=1', 'FROM'],
    ['a%E2%80%AEb%00=1', 'a\ufffdb\ufffd'],
    ['=1', '""'],
  ])('are refused whatever they are called: %s', async (query, name) => {
    const { status, detail } = await ask('GET', `/api/v1/replay/coverage?${query}`)
    expect([status, JSON.parse(detail).detail]).toEqual([
      400,
      `querystring: unknown parameter ${name}; known are from, to`,
    ])
  })

  it('that are quoted for their value show nothing hidden', async () => {
    const { status, detail } = await ask('GET', '/api/v1/alerts?state=a%E2%80%AEb%00')
    expect([status, /[\u202e\0]|\\u0000/.test(detail)]).toEqual([400, false])
  })

  it('of an event of the live feed are refused too', async () => {
    const socket = io(`${api.url}/live`, { auth: { token: adminToken }, transports: ['websocket'], forceNew: true })
    await until('the connection', () => socket.connected)
    expect(await socket.emitWithAck('subscribe', { district: 'tay-ninh' })).toEqual({
      ok: false,
      error: 'unknown key district; known are districts, kinds, sensors',
      faults: [
        {
          code: 'UNKNOWN_KEYS',
          params: { what: 'key', keys: ['district'], more: 0, known: ['districts', 'kinds', 'sensors'] },
        },
      ],
    })
    expect(await socket.emitWithAck('subscribe', { districts: ['tay-ninh'] }, { kinds: ['traffic'] })).toEqual({
      ok: false,
      error: 'one object is all that is asked with',
      faults: [{ code: 'ONE_OBJECT_ONLY', params: {} }],
    })
    expect(await socket.emitWithAck('subscribe', { districts: ['tay-ninh'] })).toEqual({ ok: true })
    socket.disconnect()
  })
})
