import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { ConfigError } from '#telemetry/errors.ts'
import { historyResponse } from '#telemetry/history-rest.ts'
import { quarantineResponse } from '#telemetry/quarantine-rest.ts'
import { problemSchema, sensorsResponse } from '#telemetry/rest.ts'
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

const now = Date.UTC(2026, 10, 20, 6)
const loginToken = 'login-once-token'
const meta = { name: { vi: 'Trạm A', en: 'Station A' }, position: [106.1, 11.3], period: 60 }

describe('the REST api', () => {
  let broker: TestBroker
  let api: Api
  let test: TestStore

  beforeAll(async () => {
    test = await openTestStore()
    const { store } = test
    broker = await startTestBroker()
    const minutes = Array.from({ length: 10 }, (_, minute) =>
      airReading('aq-1', now - minute * 60_000 - 1, 10 + minute),
    )
    await store.write(minutes)
    await store.write([
      { district: 'hoa-thanh', sensor: 'lamp-1', ts: now - 5_000, kind: 'lighting', values: { powerState: 'on' } },
    ])
    await store.appendEvents([
      {
        stream: 'quarantine',
        id: 'q1',
        ts: now,
        body: {
          ts: now,
          topic: 'city/v1/x',
          payload: '{',
          payloadBytes: 1,
          code: 'NOT_JSON',
          reason: 'is not JSON',
          count: 1,
        },
      },
    ])
    api = await startTestApi({ store: test.store, brokerPort: broker.port, loginToken, clock: () => now })
    await untilReady(api)
  })
  afterAll(async () => {
    await api.close()
    await broker.close()
    await test.close()
  })

  const problemAt = async (path: string, init?: RequestInit) => {
    const answer = await get(api, path, init)
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    const problem = problemSchema.parse(await answer.json())
    expect(problem.status).toBe(answer.status)
    return problem
  }

  it('knows the sensors the store holds, and narrows them by district and kind', async () => {
    const all = sensorsResponse.parse(await (await get(api, '/api/v1/sensors')).json())
    expect(all.features.map(({ id }) => id)).toEqual(expect.arrayContaining(['aq-1', 'lamp-1']))
    const some = sensorsResponse.parse(
      await (await get(api, '/api/v1/sensors?district=hoa-thanh&kind=lighting')).json(),
    )
    expect(some.features.map(({ id }) => id)).toEqual(['lamp-1'])
    const latest = await (await get(api, '/api/v1/readings/latest?kind=lighting')).json()
    expect(latest).toMatchObject({ readings: [{ sensor: 'lamp-1' }] })
  })

  it('places a sensor by its retained meta, and shows its connection', async () => {
    const devices = await connectDevices(broker.port)
    await devices.publishAsync(airTopic('aq-1', 'meta'), JSON.stringify(meta), { qos: 1, retain: true })
    await devices.publishAsync(airTopic('aq-1', 'status'), 'online', { qos: 1, retain: true })
    await devices.endAsync()
    await until('the sensor on the map', async () => {
      const { features } = sensorsResponse.parse(await (await get(api, '/api/v1/sensors?kind=air-quality')).json())
      const feature = features.find(({ id }) => id === 'aq-1')
      return feature?.geometry?.coordinates[0] === 106.1 && feature.properties.connection === 'online'
    })
  })

  it('gives every reading of a history with window=raw', async () => {
    const path = `/api/v1/sensors/aq-1/history?value=pm25&window=raw&from=${now - 180_000}&to=${now}`
    const history = historyResponse.parse(await (await get(api, path)).json())
    expect(history.points.map(({ value }) => value)).toEqual([12, 11, 10])
    expect(history).toMatchObject({ window: 'raw', unit: 'µg/m³', unitCode: 'ug/m3', truncated: false })
  })

  it('gives 5-minute means of the last day by default, and takes times in RFC 3339', async () => {
    const byDefault = historyResponse.parse(await (await get(api, '/api/v1/sensors/aq-1/history?value=pm25')).json())
    expect(byDefault).toMatchObject({ window: '5m', fn: 'mean' })
    expect(byDefault.points).toHaveLength(2)
    const span = new URLSearchParams({ value: 'pm25', from: '2026-11-20T12:50:00+07:00', to: '2026-11-20T06:00:00Z' })
    const asked = historyResponse.parse(await (await get(api, `/api/v1/sensors/aq-1/history?${span}`)).json())
    expect(asked.points).toEqual(byDefault.points)
  })

  it('cuts days where the zone does, never outside the span, and marks those that it cuts', async () => {
    const day = async (more: string) => {
      const path = `/api/v1/sensors/aq-1/history?value=pm25&window=1d&from=2026-11-20T03:00:00%2B07:00${more}`
      return historyResponse.parse(await (await get(api, path)).json())
    }
    const at = Date.parse('2026-11-20T03:00:00+07:00')
    const local = await day('')
    expect(local).toMatchObject({ tz: 'Asia/Ho_Chi_Minh', points: [{ ts: at, end: now, partial: true }] })
    const whole = await day('&to=2026-11-21T00:00:00%2B07:00&tz=UTC')
    expect(whole).toMatchObject({ tz: 'UTC', points: [{ ts: Date.parse('2026-11-20T00:00:00Z'), partial: true }] })
    for (const more of ['&tz=Mars/Base', '&tz=%2B07:00', '&format=csv', '&group=ward', '&window=raw&fn=max'])
      expect((await get(api, `/api/v1/sensors/aq-1/history?value=pm25${more}`)).status).toBe(400)
  })

  it('cuts a history of more than 10,000 points and says so', async () => {
    await test.store.write(
      Array.from({ length: 10_001 }, (_, i) => airReading('aq-1', now - 86_400_000 * 3 + i * 1_000, 1)),
    )
    const path = `/api/v1/sensors/aq-1/history?value=pm25&window=raw&from=${now - 86_400_000 * 3}`
    const history = historyResponse.parse(await (await get(api, path)).json())
    expect(history.points).toHaveLength(10_000)
    expect(history.truncated).toBe(true)
  })

  it('answers wrong questions with problem documents that say what is wrong', async () => {
    expect(await problemAt('/api/v1/nothing')).toMatchObject({ status: 404, code: 'NOT_FOUND' })
    expect(await problemAt('/api/v1/sensors/no-such/history?value=pm25')).toMatchObject({ code: 'UNKNOWN_SENSOR' })
    const value = await problemAt('/api/v1/sensors/aq-1/history?value=speed')
    expect(value).toMatchObject({ status: 400, code: 'UNKNOWN_VALUE' })
    expect(value.detail).toContain('pm25, pm10')
    const span = await problemAt(`/api/v1/sensors/aq-1/history?value=pm25&from=${now}&to=${now}`)
    expect(span).toMatchObject({ status: 400, code: 'EMPTY_SPAN' })
    const time = await problemAt('/api/v1/sensors/aq-1/history?value=pm25&from=yesterday')
    expect(time).toMatchObject({ status: 400, code: 'INVALID_REQUEST' })
    expect(time.detail).toContain('from: must be a time')
    expect(await problemAt('/api/v1/sensors/aq-1/history?value=pm25&window=2m')).toMatchObject({ status: 400 })
    const word = await problemAt('/api/v1/sensors/lamp-1/history?value=powerState&window=1h')
    expect(word).toMatchObject({ status: 400, code: 'NOT_NUMERIC' })
    expect(await problemAt('/api/v1/sensors?kind=weather')).toMatchObject({ status: 400 })
  })

  it('answers 503 with Retry-After and without the inside of the platform while the store is down', async () => {
    test.down = true
    const answer = await get(api, '/api/v1/sensors/aq-1/history?value=pm25')
    test.down = false
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('3')
    const text = await answer.text()
    expect(text).toContain('STORE_UNAVAILABLE')
    expect(text).not.toContain('/secret/place')
  })

  it('shows quarantine and alerts', async () => {
    const quarantine = quarantineResponse.parse(await (await get(api, '/api/v1/quarantine')).json())
    expect(quarantine).toMatchObject({ total: 1, entries: [{ code: 'NOT_JSON' }] })
    expect(await (await get(api, '/api/v1/alerts')).json()).toMatchObject({ watching: false, total: 0, alerts: [] })
  })

  it('serves districts, map and page settings', async () => {
    expect(await (await get(api, '/api/v1/districts')).json()).toEqual({ districts: [] })
    expect(await (await get(api, '/api/v1/map')).json()).toEqual({ type: 'FeatureCollection', features: [] })
    expect(await (await get(api, '/api/v1/config')).json()).toMatchObject({
      ...{ signedIn: true, timeZone: 'Asia/Ho_Chi_Minh', person: { name: 'admin' } },
    })
    expect(await (await get(api, '/api/v1/config', { headers: {} })).json()).toEqual({ signedIn: false, openId: false })
  })

  it('refuses who is not signed in, and lets nobody pass with a wrong token', async () => {
    const paths = ['/api/v1/sensors', '/api/v1/session', '/api/openapi.json']
    for (const path of paths) {
      expect(await problemAt(path, { headers: {} })).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
      expect(await problemAt(path, { headers: { authorization: 'Bearer wrong' } })).toMatchObject({ status: 401 })
      expect(await problemAt(path, { headers: { cookie: 'nhip_session=9999999999999.x.y' } })).toMatchObject({
        status: 401,
      })
    }
    expect((await get(api, '/health/live', { headers: {} })).status).toBe(200)
    expect((await get(api, '/metrics', { headers: {} })).status).toBe(200)
    expect((await get(api, '/metrics', { headers: { 'x-forwarded-for': '192.0.2.1' } })).status).toBe(401)
  })

  const signIn = (token: string) =>
    get(api, '/api/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    })
  const cookieOf = (answer: Response) => answer.headers.get('set-cookie')?.split(';')[0] ?? ''

  it('signs in with a cookie that outlives a restart, and signs out', async () => {
    expect((await signIn('wrong')).status).toBe(401)
    const answer = await signIn(adminToken)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('set-cookie')).toMatch(/Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict/)
    const headers = { cookie: cookieOf(answer) }
    const other = await startTestApi({ store: test.store, brokerPort: broker.port, clock: () => now })
    expect(await (await get(other, '/api/v1/session', { headers })).json()).toMatchObject({
      name: 'admin',
      role: 'admin',
    })
    await other.close()
    expect((await get(api, '/api/v1/session', { headers, method: 'DELETE' })).status).toBe(204)
    expect((await get(api, '/api/v1/session', { headers })).status).toBe(401)
  })

  it('takes no cookie of which anything was changed: it is signed', async () => {
    const [name, value = ''] = cookieOf(await signIn(adminToken)).split('=')
    const parts = value.split('.')
    const statusOf = async (changed: readonly string[]) =>
      (await get(api, '/api/v1/session', { headers: { cookie: `${name}=${changed.join('.')}` } })).status
    expect(parts).toHaveLength(5)
    expect(await statusOf(parts)).toBe(200)
    for (const at of parts.keys()) {
      expect(await statusOf(parts.map((part, index) => (index === at ? `${part}1` : part)))).toBe(401)
      expect(await statusOf(parts.filter((_part, index) => index !== at))).toBe(401)
    }
  })

  it('lets the token in the address in once, and never again', async () => {
    expect((await get(api, `/?token=${loginToken}`, { method: 'HEAD', headers: {} })).status).toBe(404)
    const first = await get(api, `/?token=${loginToken}`, { headers: {} })
    expect([first.status, first.headers.get('location')]).toEqual([303, '/'])
    expect((await get(api, '/api/v1/session', { headers: { cookie: cookieOf(first) } })).status).toBe(200)
    const inEnglish = await get(api, '/?lang=en&token=wrong', { headers: {} })
    expect(inEnglish.headers.get('location')).toBe('/?lang=en#sign-in=link-wrong')
    const second = await get(api, `/?token=${loginToken}`, { headers: {} })
    expect([second.status, second.headers.get('set-cookie')]).toEqual([303, null])
    expect(second.headers.get('location')).toBe('/#sign-in=link-used')
    // who is signed in all the same goes on where the address says
    const again = await get(api, `/?token=${loginToken}`, { headers: { cookie: cookieOf(first) } })
    expect(again.headers.get('location')).toBe('/')
    expect(cookieOf(await get(api, `/?token=${adminToken}`, { headers: {} }))).toContain('nhip_session=')
  })

  it('describes every route in OpenAPI 3.1 and shows it on a page of its own', async () => {
    const document = (await (await get(api, '/api/openapi.json')).json()) as {
      openapi: string
      paths: Record<string, Record<string, { responses: unknown }>>
    }
    expect(document.openapi).toMatch(/^3\.1\./)
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((m) => `${m} ${path}`),
    )
    const expected = [
      'districts',
      'map',
      'base-map',
      'roads',
      'config',
      'sensors',
      'readings/latest',
      'air-quality',
      'quarantine',
      'devices/diagnosis',
      'alerts',
      'session',
      'replay',
      'replay/coverage',
      'replay/days',
    ]
    expect(routes.sort()).toEqual(
      [
        ...expected.map((path) => `get /api/v1/${path}`),
        'get /api/v1/sensors/{id}/history',
        ...['get', 'post'].map((method) => `${method} /api/v1/history/query`),
        ...['air-quality', 'lighting', 'quality', 'traffic', 'water-level'].map((of) => `get /api/v1/figures/${of}`),
        'get /api/v1/alerts/{id}',
        ...['get /api/v1/commands', 'post /api/v1/commands', 'get /api/v1/lamps/overrides'],
        ...['acknowledge', 'assign', 'unassign', 'shelve', 'unshelve'].map((action) => `post /api/v1/alerts/${action}`),
        ...['get /api/v1/alert-rules', 'post /api/v1/alert-rules', 'post /api/v1/alert-rules/dry-run'],
        ...['put', 'delete'].map((method) => `${method} /api/v1/alert-rules/{id}`),
        ...['get /api/v1/notifications', 'post /api/v1/notifications/{id}/replay'],
        'get /api/v1/sensors/{id}/quality',
        'post /api/v1/session',
        'delete /api/v1/session',
        'delete /api/v1/sessions',
        'post /api/v1/session/invitation',
        'put /api/v1/session/password',
        'get /api/v1/people',
        'post /api/v1/people',
        'patch /api/v1/people/{id}',
        'post /api/v1/people/{id}/invitation',
        'delete /api/v1/people/{id}/sessions',
        ...['get /api/v1/assignees', 'get /api/v1/teams', 'post /api/v1/teams'],
        ...['patch', 'delete'].map((method) => `${method} /api/v1/teams/{id}`),
        'get /api/v1/keys',
        'post /api/v1/keys',
        'delete /api/v1/keys/{id}',
        'get /api/v1/trail',
        ...['', '/snapshot', '/hand-overs', '/hand-overs/{id}'].map((path) => `get /api/v1/shift-log${path}`),
        ...['duty', 'notes', 'corrections', 'hand-overs'].map((path) => `post /api/v1/shift-log/${path}`),
        ...['', '/{id}'].map((path) => `get /api/v1/corrections${path}`),
        ...['', '/dry-run', '/{id}/undo', '/{id}/confirm', '/{id}/reject'].map(
          (path) => `post /api/v1/corrections${path}`,
        ),
        'get /health/live',
        'get /health/ready',
        'get /metrics',
        'get /api/openapi.json',
      ].sort(),
    )
    expect(await new Validator().validate(document)).toMatchObject({ valid: true })
    const page = await get(api, '/api/docs', { headers: {} })
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';")
    const [, script = ''] = /src="([^"]*swagger-initializer.js)"/.exec(await page.text()) ?? []
    const initializer = await get(api, script, { headers: {} })
    expect(await initializer.text()).toContain('/api/openapi.json')
  })

  it('sends careful headers', async () => {
    const { headers } = await get(api, '/api/v1/config')
    expect(headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('leaves malformed MQTT payloads out, and goes on', async () => {
    const devices = await connectDevices(broker.port)
    await devices.publishAsync('city/v1/live/tay-ninh', 'no json', { qos: 1 })
    await devices.publishAsync('city/v1/live/tay-ninh', '[{"reading":1}]', { qos: 1 })
    await devices.publishAsync(airTopic('aq-9', 'meta'), '{"name":"?"}', { qos: 1 })
    await devices.publishAsync(airTopic('aq-9', 'status'), 'perhaps', { qos: 1 })
    await devices.publishAsync('city/v1/UPPER/none/x/meta', '{}', { qos: 1 })
    // beside a kind that is not known here
    const foreign = { reading: { ...airReading('tide-1', now, 5), kind: 'tide' }, arrivedAt: now }
    const known = { reading: airReading('aq-10', now, 5), arrivedAt: now }
    await devices.publishAsync('city/v1/live/tay-ninh', JSON.stringify([foreign, known]), { qos: 1 })
    await devices.endAsync()
    const found = await until('the sensor behind them', async () => {
      const { features } = sensorsResponse.parse(await (await get(api, '/api/v1/sensors')).json())
      return features.some(({ id }) => id === 'aq-10') && features.map(({ id }) => id)
    })
    expect(found).not.toContain('aq-9')
    const metrics = await (await get(api, '/metrics')).text()
    expect(metrics).toContain('nhip_api_malformed_total{channel="live"} 3')
    expect(metrics).toContain('nhip_api_malformed_total{channel="meta"} 1')
  })

  it('names the setting when its port is taken', async () => {
    const error = await startTestApi({ store: test.store, brokerPort: broker.port, port: api.port }).catch(
      (e: unknown) => e,
    )
    expect(error).toBeInstanceOf(ConfigError)
    expect(String(error)).toContain(`HTTP_PORT is ${api.port}: 127.0.0.1:${api.port} is already taken`)
  })

  it('is not ready while the broker is down, and ready again when it is back', async () => {
    const own = await startTestBroker()
    const other = await startTestApi({ store: test.store, brokerPort: own.port })
    await untilReady(other)
    await own.close()
    await until('not ready', async () => (await get(other, '/health/ready')).status === 503)
    expect(await (await get(other, '/health/ready')).json()).toMatchObject({
      ready: false,
      broker: 'down',
      store: 'up',
    })
    const back = await startTestBroker(own.port)
    await untilReady(other)
    await other.close()
    await back.close()
  })
})
