import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { connect } from 'node:tls'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Api } from '#api/api.ts'
import { problemSchema } from '#telemetry/rest.ts'
import { makeAuthority } from '../support/certificates.ts'
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

const json = { 'content-type': 'application/json' }

describe('the bounds of the api', () => {
  let broker: TestBroker
  let test: TestStore
  let api: Api
  const opened: Api[] = []

  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    api = await open()
  })
  afterAll(async () => {
    for (const each of opened) await each.close()
    await broker.close()
    await test.close()
  })
  const open = async (options: Partial<typeof web> = {}) => {
    const started = await startTestApi({ store: test.store, brokerPort: broker.port, web: { ...web, ...options } })
    opened.push(started)
    return started
  }
  const signIn = (body: string, headers: Record<string, string> = json, at = api) =>
    fetch(`${at.url}/api/v1/session`, { method: 'POST', headers, body })
  const problemOf = async (answer: Response) => {
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    return problemSchema.parse(await answer.json())
  }

  it('stop a person who asks too often, and nobody else', async () => {
    const small = await open({ requestsPerMinute: 20 })
    let answer = await get(small, '/api/v1/session')
    for (let i = 0; i < 30 && answer.status === 200; i += 1) answer = await get(small, '/api/v1/session')
    expect(answer.status).toBe(429)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await problemOf(answer)).toMatchObject({ code: 'TOO_MANY_REQUESTS' })
    expect((await get(small, '/health/live', { headers: {} })).status).toBe(200)
  })

  it('stop an address that tries too many tokens, also with the right one in the end', async () => {
    const other = await open()
    let tries = 0
    for (let status = 401; status === 401 && tries < 100; tries += 1)
      status = (await signIn(JSON.stringify({ token: 'wrong' }), json, other)).status
    expect(tries).toBeGreaterThan(5)
    expect(tries).toBeLessThan(50)
    expect((await signIn(JSON.stringify({ token: adminToken }), json, other)).status).toBe(429)
  })

  it('refuse an address that is too long and a body that is too large or no JSON', async () => {
    expect(await problemOf(await get(api, `/api/v1/sensors?${'x'.repeat(5_000)}`))).toMatchObject({ code: 'TOO_LONG' })
    expect(await problemOf(await signIn(JSON.stringify({ token: 'x'.repeat(70_000) })))).toMatchObject({ status: 413 })
    expect((await signIn('{"token":', json)).status).toBe(400)
    expect((await signIn('token', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await signIn('<token/>', { 'content-type': 'application/xml' })).status).toBe(415)
  })

  it('name every request, the same in answer and problem, and never as the caller says', async () => {
    const answer = await get(api, '/api/v1/nothing', { headers: { 'x-request-id': 'forged' } })
    const { requestId } = await problemOf(answer)
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(answer.headers.get('x-request-id')).toBe(requestId)
  })

  it('give no other origin anything: no CORS, and nothing is changed for a page of another site', async () => {
    const answer = await get(api, '/api/v1/districts', { headers: { origin: 'https://elsewhere.example' } })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    const forged = await signIn(JSON.stringify({ token: adminToken }), { ...json, 'sec-fetch-site': 'cross-site' })
    expect(await problemOf(forged)).toMatchObject({ code: 'FORBIDDEN' })
    expect(forged.headers.get('set-cookie')).toBeNull()
  })

  it('let the page load nothing from elsewhere but the map that was asked for', async () => {
    const strict = (await get(api, '/api/v1/config')).headers.get('content-security-policy') ?? ''
    expect(strict).toContain("default-src 'self';")
    expect(strict).not.toMatch(/unsafe|https?:|wss?:|\*/)
    const mapped = await open({ mapStyleUrl: 'https://map.example/style.json', mapOrigins: ['https://map.example'] })
    const policy = (await get(mapped, '/api/v1/config')).headers.get('content-security-policy') ?? ''
    expect(policy.match(/https?:[^; ]*/g)).toEqual(['https://map.example', 'https://map.example'])
  })

  it('keep browsers that come by https to https, and the cookie with it', async () => {
    const behind = await open({ publicUrl: 'https://nhip.example' })
    const answer = await signIn(JSON.stringify({ token: adminToken }), json, behind)
    expect(answer.headers.get('set-cookie')).toMatch(/HttpOnly; Secure; SameSite=Strict/)
    expect(answer.headers.get('strict-transport-security')).toContain('max-age=15768000')
    expect((await get(api, '/api/v1/config')).headers.get('strict-transport-security')).toBeNull()
  })

  it('listen with TLS 1.2 or newer and a new certificate without a restart, and make the cookie Secure', async () => {
    const authority = await makeAuthority()
    const certificateOf = async ({ cert, key }: { cert: string; key: string }) => ({
      cert: await readFile(cert),
      key: await readFile(key),
    })
    const first = await certificateOf(await authority.issue('localhost'))
    let change: (certificate: typeof first) => void = () => {}
    const secured = await startTestApi({
      ...{ store: test.store, brokerPort: broker.port },
      tls: {
        current: first,
        onChange: (listener) => {
          change = listener
        },
      },
    })
    opened.push(secured)
    expect(secured.url).toMatch(/^https:/)
    const ca = await readFile(authority.ca)
    const serial = async () => {
      const socket = connect({ port: secured.port, host: '127.0.0.1', servername: 'localhost', ca })
      await once(socket, 'secureConnect')
      const { serialNumber } = socket.getPeerCertificate()
      socket.destroy()
      return serialNumber
    }
    const before = await serial()
    change(await certificateOf(await authority.issue('localhost')))
    expect(await serial()).not.toBe(before)
    const old = connect({ port: secured.port, host: '127.0.0.1', servername: 'localhost', ca, maxVersion: 'TLSv1.1' })
    await expect(once(old, 'secureConnect')).rejects.toThrow()

    const body = JSON.stringify({ token: adminToken })
    const asked = request({
      ...{
        port: secured.port,
        host: '127.0.0.1',
        servername: 'localhost',
        ca,
        method: 'POST',
        path: '/api/v1/session',
      },
      headers: { ...json, 'content-length': body.length },
    })
    asked.end(body)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage] // what this event gives
    expect(answer.headers['set-cookie']?.[0]).toMatch(/HttpOnly; Secure; SameSite=Strict/)
    expect(answer.headers['strict-transport-security']).toContain('max-age')
    await authority.close()
  })

  it('see through a trusted proxy, and believe nobody else what address a request comes from', async () => {
    const behind = await open({ trustProxy: '127.0.0.1' })
    const headers = { ...json, 'x-forwarded-for': '203.0.113.9' }
    await signIn(JSON.stringify({ token: adminToken }), headers, behind)
    await signIn(JSON.stringify({ token: adminToken }), { ...headers, 'x-forwarded-for': '203.0.113.77' })
    const from = async () => {
      const events = await test.store.readEvents({ stream: 'audit', limit: 1_000 })
      return events.map(({ body }) => (body as { from: string }).from) // entries of ours
    }
    await until('the entry', async () => (await from()).includes('203.0.113.9'))
    expect(await from()).not.toContain('203.0.113.77')
  })

  it('answer every wrong event of a live client, count it, and end a client that goes on', async () => {
    const socket = io(`${api.url}/live`, { auth: { token: adminToken }, transports: ['websocket'], forceNew: true })
    await until('the connection', () => socket.connected)
    expect(await socket.emitWithAck('subscribe', { kinds: 'all' })).toMatchObject({ ok: false })
    expect(await socket.emitWithAck('subscribe', null)).toMatchObject({ ok: false })
    const error = /too many|Too big/i
    const refused = await socket.emitWithAck('subscribe', {
      sensors: Array.from({ length: 6_000 }, (_, i) => `s-${i}`),
    })
    expect(refused).toMatchObject({ ok: false, error: expect.stringMatching(error) })
    const answers: { ok: boolean; error?: string }[] = []
    const ended = new Promise((resolve) => socket.once('disconnect', resolve))
    for (let i = 0; i < 60; i += 1)
      socket.emit('subscribe', {}, (answer: { ok: boolean; error?: string }) => answers.push(answer))
    expect(await ended).toBe('io server disconnect')
    expect(answers.at(-1)).toMatchObject({ ok: false, error: 'too many events' })
    const metrics = await (await get(api, '/metrics')).text()
    expect(metrics).toContain('nhip_api_events_refused_total{why="malformed"} 3')
    expect(metrics).toContain('nhip_api_events_refused_total{why="too many"} 1')
  })

  /** A connection to the live feed that sends any text. */
  const openRaw = async () => {
    const raw = new WebSocket(`${api.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
    const received: string[] = []
    raw.on('message', (data) => received.push(String(data)))
    const ended = once(raw, 'close')
    await until('the open packet', () => received.length === 1)
    return { raw, received, ended }
  }
  const malformed = async () => {
    const text = await (await get(api, '/metrics')).text()
    return Number(/^nhip_api_events_refused_total\{why="malformed"\} (\d+)/m.exec(text)?.[1] ?? 0)
  }

  it('take no event of who has not signed in: the connection is closed', async () => {
    const { raw, received, ended } = await openRaw()
    raw.send('42/live,["subscribe",{}]')
    await ended
    expect(received).toHaveLength(1)
  })

  it.each(['40/live,{"token":"wrong"}', '40/nowhere,', '40'])(
    'end who has not signed in and goes on sending %s',
    async (text) => {
      const { raw, received, ended } = await openRaw()
      for (let i = 0; i < 5_000; i += 1) raw.send(text)
      await ended
      expect(received.length).toBeLessThan(150)
    },
  )

  it.each(['42/live,{nonsense', '42/live,[1', 'nonsense', '9'])(
    'end a live client that sends %s, and count it',
    async (text) => {
      const before = await malformed()
      const { raw, received, ended } = await openRaw()
      raw.send(`40/live,${JSON.stringify({ token: adminToken })}`)
      await until('the namespace', () => received.some((packet) => packet.startsWith('40/live')))
      raw.send(text)
      await ended
      await until('the count', async () => (await malformed()) === before + 1)
      // what is framed well and holds no event is answered
      if (text.startsWith('42')) expect(received.at(-1)).toContain('this is no event')
    },
  )

  it.each([
    ['websocket', 'transport close'],
    ['polling', 'transport error'],
  ])('end a live client that sends a message beyond the largest over %s, and count it', async (transport, why) => {
    const oversized = async () => {
      const text = await (await get(api, '/metrics')).text()
      return Number(/^nhip_api_events_refused_total\{why="oversized"\} (\d+)/m.exec(text)?.[1] ?? 0)
    }
    const before = await oversized()
    const socket = io(`${api.url}/live`, {
      ...{ auth: { token: adminToken }, transports: [transport], forceNew: true, reconnection: false },
    })
    await until('the connection', () => socket.connected)
    const ended = new Promise((resolve) => socket.once('disconnect', resolve))
    socket.emit('subscribe', { sensors: ['x'.repeat(600_000)] })
    expect(await ended).toBe(why)
    await until('the count', async () => (await oversized()) === before + 1)
  })
})
