import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { openDataFolder } from '#start/secrets.ts'
import type { AuditEntry } from '#telemetry/audit-log.ts'
import {
  adminToken,
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

let broker: TestBroker
let test: TestStore
let api: Api

beforeAll(async () => {
  broker = await startTestBroker()
  test = await openTestStore()
  // the tests name the address they come from
  api = await startTestApi({ brokerPort: broker.port, store: test.store, web: { ...web, trustProxy: '127.0.0.1' } })
  await untilReady(api)
})

afterAll(async () => {
  await api.close()
  await test.close()
  await broker.close()
})

/** Sends JSON, from an address and with headers of one's own; as the admin unless `bearer` says otherwise. */
function send(path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST'): Promise<Response> {
  return fetch(api.url + path, {
    ...{ method, redirect: 'manual' },
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}
const asAdmin = { authorization: `Bearer ${adminToken}` }

async function invite(name: string, role = 'viewer'): Promise<{ id: string; token: string }> {
  const answer = await send('/api/v1/people', { name, role }, asAdmin)
  expect(answer.status, await answer.clone().text()).toBe(201)
  const { person, invitation } = (await answer.json()) as { person: { id: string }; invitation: { token: string } }
  return { id: person.id, token: invitation.token }
}

const forwarded = (from: string) => ({ 'x-forwarded-for': from })

async function trailOf(what: string): Promise<AuditEntry[]> {
  const answer = await get(api, '/api/v1/trail')
  return ((await answer.json()) as { entries: AuditEntry[] }).entries.filter((entry) => entry.what === what)
}

/** Status of a GET with headers that fetch does not let through. */
function statusWith(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    httpRequest(api.url + path, { headers }, (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}

/** Status line of what is written to the api as it stands. */
function statusOfText(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1', () => socket.write(text))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += String(chunk)
      const [line, rest] = answer.split('\r\n', 2)
      if (rest === undefined) return
      socket.destroy()
      resolve(line ?? '')
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })
}

/** Somebody who has chosen a password: id, and the cookie of their session. */
async function comeIn(name: string, role: string, from: string): Promise<{ id: string; cookie: string }> {
  const { id, token } = await invite(name, role)
  const body = { token, password }
  const signedIn = await send('/api/v1/session/invitation', body, { 'x-forwarded-for': from })
  expect(signedIn.status).toBe(200)
  return { id, cookie: (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '' }
}
const password = 'a long password of a sample'

describe('what is changed at the same time', () => {
  const statusesOf = (answers: readonly Response[]) => answers.map(({ status }) => status).toSorted()
  const times = <T>(count: number, task: (n: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, n) => task(n)))

  it('by two admins who demote each other is done by one of them', async () => {
    const one = await comeIn('Đôi Một', 'admin', '192.0.2.20')
    const two = await comeIn('Đôi Hai', 'admin', '192.0.2.20')
    const answers = await Promise.all([
      send(`/api/v1/people/${two.id}`, { role: 'viewer' }, { cookie: one.cookie }, 'PATCH'),
      send(`/api/v1/people/${one.id}`, { role: 'viewer' }, { cookie: two.cookie }, 'PATCH'),
    ])
    expect(statusesOf(answers)).toEqual([200, 401])
  })

  it.each([
    ['people', (n: number) => ({ name: `Sau ${n}`, role: 'admin' })],
    ['keys', (n: number) => ({ name: `sau ${n}`, rights: ['people:manage'], days: 1 })],
  ])('is done no more by who was kept out before their turn: %s', async (what, body) => {
    const leaving = await comeIn(`Rời ${what}`, 'admin', '192.0.2.21')
    const [out, ...made] = await Promise.all([
      send(`/api/v1/people/${leaving.id}`, { disabled: true }, asAdmin, 'PATCH'),
      ...Array.from({ length: 8 }, (_, n) => send(`/api/v1/${what}`, body(n), { cookie: leaving.cookie })),
    ])
    expect(out?.status).toBe(200)
    const outAt = (await trailOf('person.change')).find(({ target }) => target === `Rời ${what}`)?.at ?? 0
    // those whose turn it was before have been made
    for (const answer of made.filter(({ status }) => status !== 401)) {
      expect(answer.status).toBe(201)
      const { person, key } = (await answer.json()) as Record<'person' | 'key', { createdAt: number } | undefined>
      expect((person ?? key)?.createdAt).toBeLessThanOrEqual(outAt)
    }
  })

  it('to one password sets one', async () => {
    const { cookie } = await comeIn('Mật Khẩu', 'viewer', '192.0.2.22')
    const change = (n: number) =>
      send('/api/v1/session/password', { current: password, password: `another password ${n}` }, { cookie }, 'PUT')
    expect(statusesOf(await times(4, change))).toEqual([204, 409, 409, 409])
  })

  it('ends a key once, and every session once', async () => {
    const { cookie } = await comeIn('Khoá Mẫu', 'engineer', '192.0.2.23')
    const made = await send('/api/v1/keys', { name: 'k', rights: ['see'], days: 1 }, { cookie })
    const { key } = (await made.json()) as { key: { id: string } }
    const ended = await times(10, () => send(`/api/v1/keys/${key.id}`, {}, { cookie }, 'DELETE'))
    expect(statusesOf(ended)).toEqual([204, ...Array.from({ length: 9 }, () => 404)])
    const out = await times(10, () => send('/api/v1/sessions', {}, { cookie }, 'DELETE'))
    expect(statusesOf(out)).toEqual([204, ...Array.from({ length: 9 }, () => 401)])
  })
})

describe('a one-time invitation', () => {
  it('that several redeem at once lets one of them in', async () => {
    const { token } = await invite('Mẫu Một')
    const answers = await Promise.all(
      [1, 2, 3, 4].map((n) =>
        send(
          '/api/v1/session/invitation',
          { token, password: `a long password ${n}` },
          { 'x-forwarded-for': '192.0.2.1' },
        ),
      ),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401])
  })

  it('of a name that two admins give at once is made once', async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() => send('/api/v1/people', { name: 'Mẫu Hai', role: 'viewer' }, asAdmin)),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409])
  })
})

describe('names', () => {
  it.each([
    ['Cyrillic letters', 'аdmіn'],
    ['full width', 'ＡＤＭＩＮ'],
    ['other blanks and signs', 'ad.min'],
    ['rn for m', 'adrnin'],
    ['a dotless i', 'admın'],
    ['1 for i', 'adm1n'],
  ])('that look like somebody who is there are refused: %s', async (_what, name) => {
    expect((await send('/api/v1/people', { name, role: 'viewer' }, asAdmin)).status).toBe(409)
  })

  it.each([['Vân Mẫu'], ['Van Mẫu'], ['Văn Mẫu']])(
    'that differ by their marks are different people: %s',
    async (name) => {
      await invite(name)
    },
  )

  it.each([
    ['a direction mark', 'Sai\u202Egnol'],
    ['a control character', 'Sai\u0007'],
    ['no width', 'Sai\u200Bdai'],
    ['a line end', 'Sai\nhai'],
  ])('hold nothing that is not seen: %s', async (_what, name) => {
    expect((await send('/api/v1/people', { name, role: 'viewer' }, asAdmin)).status).toBe(400)
  })
})

describe('a key that may look after people', () => {
  it('makes and changes nobody who may do more than it', async () => {
    const admin = await invite('Quản trị Mẫu', 'admin')
    const signedIn = await send(
      '/api/v1/session/invitation',
      { token: admin.token, password },
      { 'x-forwarded-for': '192.0.2.2' },
    )
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    const made = await send(
      '/api/v1/keys',
      { name: 'k', rights: ['see', 'data:correct', 'people:manage'], days: 1 },
      { cookie },
    )
    expect(made.status).toBe(201)
    const asKey = { authorization: `Bearer ${((await made.json()) as { token: string }).token}` }
    expect((await send('/api/v1/people', { name: 'Mới', role: 'admin' }, asKey)).status).toBe(403)
    expect((await send('/api/v1/people', { name: 'Mới', role: 'operator' }, asKey)).status).toBe(403)
    expect((await send('/api/v1/people', { name: 'Mới', role: 'viewer' }, asKey)).status).toBe(201)
    expect((await send(`/api/v1/people/${admin.id}/invitation`, {}, asKey)).status).toBe(403)
    expect((await send(`/api/v1/people/${admin.id}`, { disabled: true }, asKey, 'PATCH')).status).toBe(403)
    const viewer = await invite('Người xem Mẫu')
    expect((await send(`/api/v1/people/${viewer.id}`, { role: 'admin' }, asKey, 'PATCH')).status).toBe(403)
    expect((await send(`/api/v1/people/${viewer.id}`, { role: 'planner' }, asKey, 'PATCH')).status).toBe(200)
  })
})

describe('a page of another site', () => {
  const from = { 'x-forwarded-for': '192.0.2.3' }
  it.each([
    ['as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['of the same domain', { 'sec-fetch-site': 'same-site' }],
    ['by its referer', { referer: 'https://elsewhere.example/page' }],
  ])('uses up no tries to sign in of who reads it, %s', async (_what, headers) => {
    for (let i = 0; i < 40; i++) expect(await statusWith('/?token=bad', { ...from, ...headers })).toBe(403)
    const answer = await send('/api/v1/session', { token: adminToken }, from)
    expect(answer.status).toBe(200)
  })

  it('asks for `/?token=` over http without saying where it is from, and closes no other way to sign in', async () => {
    const address = { 'x-forwarded-for': '192.0.2.30' }
    const { token } = await invite('Qua Http')
    for (let i = 0; i < 60; i++) expect(await statusWith('/?token=bad', address)).toBe(303)
    expect((await send('/api/v1/session', { token: adminToken }, address)).status).toBe(200)
    expect((await send('/api/v1/session/invitation', { token, password }, address)).status).toBe(200)
    expect((await send('/api/v1/session', { name: 'Qua Http', password }, address)).status).toBe(200)
    // guesses by such links are bounded all the same
    const metrics = await (await get(api, '/metrics')).text()
    expect(metrics).toMatch(/nhip_api_rate_limited_total\{what="link of an address"\} [1-9]/)
  })

  it.each([
    ['without saying where it is from, as over http', '192.0.2.31', {}],
    ['as the browser says', '192.0.2.32', { 'sec-fetch-site': 'cross-site' }],
  ])('asks for the live feed %s, and keeps no page of ours off it', async (_what, from, headers) => {
    const statuses = await Promise.all(
      Array.from({ length: 620 }, () =>
        statusWith('/socket.io/?EIO=4&transport=polling', { ...forwarded(from), ...headers }),
      ),
    )
    expect(statuses).toContain(403)
    const socket = io(`${api.url}/live`, {
      ...{ auth: { token: adminToken }, transports: ['websocket'], reconnection: false, forceNew: true },
      extraHeaders: { ...forwarded(from), origin: api.url },
    })
    await until('the live feed', () => socket.connected)
    socket.close()
  })

  it.each([
    ['POST', '/api/v1/session', { origin: 'https://elsewhere.example' }],
    ['POST', '/api/v1/session', { origin: 'null' }],
    ['DELETE', '/api/v1/session', { origin: 'https://elsewhere.example' }],
    ['DELETE', '/api/v1/session', { origin: 'https://elsewhere.example', authorization: 'Basic eDp5' }],
    ['DELETE', '/api/v1/session', { origin: 'https://elsewhere.example', authorization: '' }],
    ['PUT', '/api/v1/session/password', { origin: 'http://127.0.0.1:1' }],
    ['POST', '/api/v1/session', { 'sec-fetch-site': 'cross-site' }],
  ])('changes nothing: %s %s %o', async (method, path, headers) => {
    expect((await send(path, { token: adminToken }, { ...from, ...headers }, method)).status).toBe(403)
  })

  it.each([['/metrics'], ['/api/v1/sensors'], ['/health/live'], ['/'], ['/socket.io/?EIO=4&transport=polling']])(
    'reaches nothing under a name that is not ours: %s',
    async (path) => {
      const status = await statusWith(path, { host: 'rebound.example', ...asAdmin })
      expect(path.startsWith('/socket.io') ? 403 : 421).toBe(status)
      expect(await statusWith('/health/live', { host: 'localhost:1234' })).toBe(200)
    },
  )
})

describe('a request that names several servers', () => {
  const ask = (target: string, ...hosts: string[]) =>
    statusOfText(
      [`GET ${target} HTTP/1.1`, ...hosts.map((host) => `Host: ${host}`), 'Connection: close', '', ''].join('\r\n'),
    )
  it.each([
    ['two names, ours first', '/health/live', ['localhost', 'rebound.example'], 421],
    ['two names, ours last', '/health/live', ['rebound.example', 'localhost'], 421],
    ['two names of ours', '/health/live', ['localhost', '127.0.0.1'], 421],
    ['one name twice', '/health/live', ['localhost', 'localhost:80'], 200],
    ['another in the address', 'http://rebound.example/health/live', ['localhost'], 421],
    ['ours in the address, another as Host', 'http://localhost/health/live', ['rebound.example'], 421],
    ['ours in both', 'http://localhost/health/live', ['LOCALHOST.'], 200],
    ['none that is one', '/health/live', [''], 421],
    ['a name with a user', '/health/live', ['x@localhost'], 421],
    ['a name behind ours', '/health/live', ['localhost, rebound.example'], 421],
  ] as const)('is taken only when it means this one: %s', async (_what, target, hosts, status) => {
    expect(await ask(target, ...hosts)).toContain(` ${status} `)
  })
})

describe('a refused sign-in', () => {
  it('keeps nothing of what was typed as a name', async () => {
    const typed = 'my secret typed in the wrong field'
    await send('/api/v1/session', { name: typed, password: 'x' }, { 'x-forwarded-for': '192.0.2.4' })
    const entries = await until('the entry', async () => {
      const found = (await trailOf('session.refuse')).filter(({ from }) => from === '192.0.2.4')
      return found.length > 0 && found
    })
    expect(JSON.stringify(entries)).not.toContain('secret')
  })

  it('with a bearer token is in the audit log once a minute', async () => {
    for (let i = 0; i < 5; i++)
      await get(api, '/api/v1/sensors', { headers: { authorization: 'Bearer wrong', 'x-forwarded-for': '192.0.2.5' } })
    const ours = async () => (await trailOf('session.refuse')).filter(({ from }) => from === '192.0.2.5')
    await until('the entry', async () => (await ours()).length > 0)
    expect(await ours()).toMatchObject([{ who: '', detail: { way: 'bearer' } }])
  })

  it.each<[way: string, from: string, ask: (from: string) => Promise<unknown>]>([
    ['password', '192.0.2.50', (from) => send('/api/v1/session', { name: 'nobody', password: 'x' }, forwarded(from))],
    ['token', '192.0.2.51', (from) => send('/api/v1/session', { token: 'bad' }, forwarded(from))],
    ['token', '192.0.2.52', (from) => statusWith('/?token=bad', forwarded(from))],
    [
      'invitation',
      '192.0.2.53',
      (from) => send('/api/v1/session/invitation', { token: 'x', password }, forwarded(from)),
    ],
  ])('by %s from %s is in the audit log once a minute', async (way, from, ask) => {
    for (let i = 0; i < 20; i++) await ask(from)
    const ours = async () => (await trailOf('session.refuse')).filter((entry) => entry.from === from)
    await until('the entry', async () => (await ours()).length > 0)
    expect(await ours()).toMatchObject([{ who: '', target: '', detail: { way } }])
  })

  it.each([
    ['of two words', '192.0.2.100', 'Bearer wrong wrong'],
    ['of several', '192.0.2.101', 'Bearer wrong,Bearer wrong'],
    ['that is empty', '192.0.2.102', 'Bearer '],
    ['in lower case', '192.0.2.103', 'bearer wrong'],
    ['in the form of a key', '192.0.2.104', `Bearer nhip_0123456789ab_${'a'.repeat(43)}`],
  ])('with a bearer token %s is in the audit log', async (_what, from, authorization) => {
    await get(api, '/api/v1/sensors', { headers: { authorization, 'x-forwarded-for': from } })
    await until('the entry', async () => (await trailOf('session.refuse')).some((entry) => entry.from === from))
  })

  it('with bearer tokens from all of an IPv6 network is in the audit log once a minute', async () => {
    for (const host of ['1', '2', '3:4', 'ffff:0:1'])
      await get(api, '/api/v1/sensors', {
        headers: { authorization: 'Bearer wrong', 'x-forwarded-for': `2001:db8:1:2::${host}` },
      })
    const ours = async () => (await trailOf('session.refuse')).filter(({ from }) => from.startsWith('2001:db8:1:2:'))
    await until('the entry', async () => (await ours()).length > 0)
    expect(await ours()).toHaveLength(1)
  })

  it('on the live feed is in the audit log', async () => {
    const socket = io(`${api.url}/live`, { auth: { token: 'wrong' }, transports: ['websocket'], reconnection: false })
    await until('the entry', async () =>
      (await trailOf('session.refuse')).some(({ detail }) => detail?.way === 'live feed'),
    )
    socket.close()
  })

  it('of many at once from one address leaves room for another address', async () => {
    const { token } = await invite('Mẫu Ba')
    const password = 'the right password of a sample'
    await send('/api/v1/session/invitation', { token, password }, { 'x-forwarded-for': '192.0.2.6' })
    const wrong = Array.from({ length: 25 }, (_, n) =>
      send('/api/v1/session', { name: 'Mẫu Ba', password: `wrong ${n}` }, { 'x-forwarded-for': '192.0.2.7' }),
    )
    const honest = await send('/api/v1/session', { name: 'Mẫu Ba', password }, { 'x-forwarded-for': '192.0.2.8' })
    expect(honest.status).toBe(200)
    const statuses = (await Promise.all(wrong)).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([401, 429]))
  })
})

describe('the description of the api', () => {
  it.each([['/api/docs/json'], ['/api/docs/yaml'], ['/api/openapi.json']])('asks for a right: %s', async (path) => {
    expect(await statusWith(path, {})).toBe(401)
    expect((await get(api, path)).status).toBe(200)
  })
})

describe('a data folder', () => {
  it('that is open to others is closed, with what the platform keeps there, and nothing else', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nhip-modes-'))
    await chmod(folder, 0o755)
    await mkdir(join(folder, 'journal'))
    await writeFile(join(folder, 'nhip.duckdb'), '')
    await writeFile(join(folder, 'journal', '000001.log'), '')
    await writeFile(join(folder, 'notes.txt'), '')
    for (const name of ['nhip.duckdb', 'journal/000001.log', 'notes.txt']) await chmod(join(folder, name), 0o644)
    await chmod(join(folder, 'journal'), 0o755)
    const before = process.umask()
    await openDataFolder(folder)
    await writeFile(join(folder, 'new'), '')
    process.umask(before)
    const modeOf = async (name: string) => ((await stat(join(folder, name))).mode & 0o777).toString(8)
    expect(
      await Promise.all(['', 'nhip.duckdb', 'journal', 'journal/000001.log', 'new', 'notes.txt'].map(modeOf)),
    ).toEqual(['700', '600', '700', '600', '600', '644'])
    await rm(folder, { recursive: true })
  })
})
