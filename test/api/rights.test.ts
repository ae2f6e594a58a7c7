import Fastify from 'fastify'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import type { ApiServer } from '#api/server/api-server.ts'
import { installAuthorization, type ProtectedRoute } from '#api/server/authorization.ts'
import { RefusedSignIns } from '#api/sign-in/refused-sign-ins.ts'
import { rightOfClientEvent } from '#telemetry/live.ts'
import { personRoles, rights, rightsOfRole } from '#telemetry/people.ts'
import {
  adminToken,
  get,
  openTestStore,
  startTestApi,
  startTestBroker,
  type TestBroker,
  type TestStore,
  until,
  web,
} from './api-parts.ts'
import { buildFullServer, type FullServer } from './full-server.ts'

/** Routes that anybody may call. Each further one needs a reason. */
const openRoutes = [
  'GET /',
  // the page itself, and the description's
  'GET /*',
  'HEAD /*',
  // for supervision
  'GET /health/live',
  'HEAD /health/live',
  'GET /health/ready',
  'HEAD /health/ready',
  // tells only whether one is signed in
  'GET /api/v1/config',
  'HEAD /api/v1/config',
  // signing in
  'POST /api/v1/session',
  'POST /api/v1/session/invitation',
  'GET /api/v1/session/openid',
  'GET /api/v1/session/openid/callback',
]

describe('rights', () => {
  let broker: TestBroker
  let api: Api
  let test: TestStore
  let server: ApiServer
  let full: FullServer

  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    api = await startTestApi({ store: test.store, brokerPort: broker.port })
    full = await buildFullServer(test, broker.port)
    server = full.server
  })
  afterAll(async () => {
    await full.close()
    await api.close()
    await broker.close()
    await test.close()
  })

  const nameOf = ({ method, url }: ProtectedRoute) => `${method} ${url}`

  it('are named by every route, and the open routes are these alone', () => {
    const known: readonly string[] = [...rights, 'open', 'loopback']
    expect(server.protectedRoutes.length).toBeGreaterThan(15)
    for (const route of server.protectedRoutes) expect(known, nameOf(route)).toContain(route.right)
    const open = server.protectedRoutes.filter(({ right }) => right === 'open').map(nameOf)
    const pageOfDocs = (name: string) => name.includes(' /api/docs') && !/(json|yaml)$/.test(name)
    expect(open.filter((name) => !pageOfDocs(name)).toSorted()).toEqual(openRoutes.toSorted())
    expect(server.protectedRoutes.filter(({ right }) => right === 'loopback').map(nameOf)).toEqual([
      'GET /metrics',
      'HEAD /metrics',
    ])
  })

  it('to the audit log are to read it: no route changes it', () => {
    const routes = server.protectedRoutes.filter(({ url }) => url.includes('trail')).map(nameOf)
    expect(routes.toSorted()).toEqual(['GET /api/v1/trail', 'HEAD /api/v1/trail'])
  })

  it('keep the api from starting when a route names none', async () => {
    const other = Fastify() as unknown as ApiServer // without schemas: nothing here has one
    const none = async () => {}
    const limits = {
      countRequest: none,
      countSignIn: none,
      checkSignIn: none,
      countLink: none,
      checkLink: none,
      countOpenId: none,
      countOfOtherSite: none,
      failedSignIn() {},
    }
    const auditLog = { record: none }
    const refusedSignIns = new RefusedSignIns(auditLog, Date.now)
    installAuthorization(other, { sessions: full.authentication.sessions, limits, web, refusedSignIns })
    other.get('/nameless', async () => 'open to whom?')
    await expect(other.ready()).rejects.toThrow('route GET /nameless does not say which right it asks for')
  })

  it('stand in the description of every route', async () => {
    const document = (await (await get(api, '/api/openapi.json')).json()) as {
      paths: Record<string, Record<string, { 'x-right'?: string; security?: unknown[] }>>
    }
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, ...operation })),
    )
    expect(described.length).toBeGreaterThan(10)
    for (const { name, 'x-right': right, security } of described) {
      expect(right, name).toBeTypeOf('string')
      expect(security, name).toEqual(right === 'open' ? [] : undefined)
    }
  })

  it('are refused to strangers on every route that is not open', async () => {
    for (const route of server.protectedRoutes) {
      if (route.right === 'open' || route.right === 'loopback') continue
      const { status } = await full.ask({ method: route.method, url: route.url.replaceAll(/:\w+/g, 'x') })
      expect(status, nameOf(route)).toBe(401)
    }
  })

  it('are named by every event of the live feed', async () => {
    for (const right of Object.values(rightOfClientEvent)) expect(rights).toContain(right)
    const socket = io(`${api.url}/live`, { auth: { token: adminToken }, transports: ['websocket'], forceNew: true })
    await until('the connection', () => socket.connected)
    const data = { subscribe: {}, seen: { ids: ['a1'] } } satisfies Record<keyof typeof rightOfClientEvent, object>
    for (const [event, given] of Object.entries(data))
      expect(await socket.emitWithAck(event, given), event).toMatchObject({ ok: true })
    const refused = new Promise((resolve) => socket.once('refused', resolve))
    const why = { error: 'there is no such event', faults: [{ code: 'NO_SUCH_EVENT', params: {} }] }
    expect(await socket.emitWithAck('drop-table', {})).toEqual({ ok: false, ...why })
    socket.emit('nameless', {})
    expect(await refused).toEqual({ event: 'nameless', ...why })
    socket.disconnect()
    expect(await (await get(api, '/metrics')).text()).toContain('nhip_api_events_refused_total{why="unknown"} 2')
  })

  it('of a role are those of the table', () => {
    expect(rightsOfRole.admin).toEqual(rights)
    for (const role of personRoles) expect(rightsOfRole[role]).toContain('see')
    const whoMay = (right: (typeof rights)[number]) => personRoles.filter((role) => rightsOfRole[role].includes(right))
    expect(Object.fromEntries(rights.map((right) => [right, whoMay(right)]))).toEqual({
      see: ['viewer', 'operator', 'engineer', 'planner', 'admin'],
      'alerts:handle': ['operator', 'admin'],
      'shift:write': ['operator', 'admin'],
      'rules:edit': ['engineer', 'admin'],
      'lamps:command': ['operator', 'admin'],
      'data:correct': ['engineer', 'planner', 'admin'],
      'quarantine:see': ['operator', 'engineer', 'admin'],
      'devices:diagnose': ['engineer', 'admin'],
      'metrics:see': ['engineer', 'admin'],
      'keys:manage': ['engineer', 'admin'],
      'people:manage': ['admin'],
      'trail:read': ['admin'],
    })
  })
})
