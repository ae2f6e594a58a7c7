import { Writable } from 'node:stream'
import { pino } from 'pino'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { invitedPersonResponse, keysResponse, newKeyResponse, peopleResponse } from '#telemetry/accounts.ts'
import { assigneesResponse, teamSchema, teamsResponse } from '#telemetry/assignee.ts'
import { auditLogResponse } from '#telemetry/audit-log.ts'
import type { PersonRole, Right } from '#telemetry/people.ts'
import {
  adminToken,
  openTestStore,
  startTestApi,
  startTestBroker,
  type TestBroker,
  type TestStore,
  until,
} from './api-parts.ts'

const password = 'một mật khẩu đủ dài'
const dayMs = 86_400_000

describe('people', () => {
  let broker: TestBroker
  let test: TestStore
  let api: Api
  let other: Api
  let now = Date.UTC(2026, 10, 25)
  let logged = ''
  /** cookies of sessions that stay: one address signs in 30 times a minute at most */
  let operator = ''
  let viewer = ''

  beforeAll(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    const lines = new Writable({
      write(chunk, _encoding, done) {
        logged += String(chunk)
        done()
      },
    })
    const log = pino({ level: 'debug' }, lines)
    const parts = { store: test.store, brokerPort: broker.port, clock: () => now, log }
    api = await startTestApi(parts)
    other = await startTestApi(parts)
  })
  afterAll(async () => {
    await api.close()
    await other.close()
    await broker.close()
    await test.close()
  })

  /** Asks as somebody: with a bearer token, or with a session's cookie. */
  const ask = (path: string, as: string, method = 'GET', body?: unknown, at = api) =>
    fetch(`${at.url}/api/v1${path}`, {
      method,
      headers: {
        ...(as.startsWith('nhip_session=') ? { cookie: as } : as === '' ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const cookieOf = (answer: Response) => answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  const signIn = (name: string, secret = password, at = api) =>
    ask('/session', '', 'POST', { name, password: secret }, at)
  /** Adds somebody who has chosen a password; gives their id and the cookie of their first session. */
  const add = async (name: string, role: PersonRole) => {
    const answer = await ask('/people', adminToken, 'POST', { name, role })
    expect(answer.status).toBe(201)
    const { person, invitation } = invitedPersonResponse.parse(await answer.json())
    const accepted = await ask('/session/invitation', '', 'POST', { token: invitation.token, password })
    expect(accepted.status).toBe(200)
    return { id: person.id, cookie: cookieOf(accepted), token: invitation.token }
  }
  const statusAs = async (as: string, at = api) => (await ask('/session', as, 'GET', undefined, at)).status
  const whatWasDone = async (query = '') => {
    const answer = await ask(`/trail?limit=1000${query}`, adminToken)
    return auditLogResponse.parse(await answer.json()).entries
  }

  it('choose a password by a link that works once, and sign in by name, however it is written', async () => {
    const { cookie, token } = await add('Trần Lan', 'operator')
    expect(await (await ask('/session', cookie)).json()).toMatchObject({ name: 'Trần Lan', role: 'operator' })
    const again = await ask('/session/invitation', '', 'POST', { token, password: 'another long password' })
    expect(again.status).toBe(401)
    const signedIn = await signIn(' trần lan '.normalize('NFD').toUpperCase())
    expect(signedIn.status).toBe(200)
    expect(signedIn.headers.get('set-cookie')).toMatch(/Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict/)
  })

  it('are answered the same whether the name or the password is wrong', async () => {
    const answers = [await signIn('Trần Lan', 'a wrong password'), await signIn('nobody at all', password)]
    const problems = await Promise.all(answers.map((answer) => answer.json()))
    const told = problems.map((problem) => ({ ...(problem as object), requestId: '' }))
    expect(answers.map(({ status }) => status)).toEqual([401, 401])
    expect(told[0]).toEqual(told[1])
  })

  it('may do what their role says, and no more', async () => {
    operator = (await add('op', 'operator')).cookie
    viewer = (await add('view', 'viewer')).cookie
    const engineer = (await add('eng', 'engineer')).cookie
    const status = async (path: string, as: string) => (await ask(path, as)).status
    for (const as of [operator, viewer, engineer]) {
      expect(await status('/sensors', as)).toBe(200)
      for (const path of ['/people', '/trail']) expect(await status(path, as)).toBe(403)
      expect((await ask('/people', as, 'POST', { name: 'me too', role: 'admin' })).status).toBe(403)
    }
    expect(await status('/quarantine', viewer)).toBe(403)
    expect(await status('/quarantine', operator)).toBe(200)
    expect(await status('/keys', operator)).toBe(403)
    expect(await status('/keys', engineer)).toBe(200)
  })

  it('have teams, which an admin alone adds, renames and removes, on every process of the api', async () => {
    const added = await ask('/teams', adminToken, 'POST', { name: 'Đội chiếu sáng (P. Tân Ninh)' })
    expect(added.status).toBe(201)
    const { id } = teamSchema.parse(await added.json())
    const namesAt = async (at: Api, as: string) =>
      teamsResponse.parse(await (await ask('/teams', as, 'GET', undefined, at)).json()).teams.map(({ name }) => name)
    await until('the other process to know', async () => (await namesAt(other, viewer)).length === 1)
    for (const as of [operator, viewer]) {
      expect((await ask('/teams', as, 'POST', { name: 'Đội khác' })).status).toBe(403)
      expect((await ask(`/teams/${id}`, as, 'PATCH', { name: 'Đội khác' })).status).toBe(403)
      expect((await ask(`/teams/${id}`, as, 'DELETE')).status).toBe(403)
    }
    // whom an alert can be given to is for who may do so
    expect((await ask('/assignees', viewer)).status).toBe(403)
    const assignees = assigneesResponse.parse(await (await ask('/assignees', operator, 'GET', undefined, other)).json())
    expect(assignees.people.map(({ name }) => name)).toEqual(expect.arrayContaining(['admin', 'view']))
    const same = await ask('/teams', adminToken, 'POST', { name: 'ĐỘI CHIẾU SÁNG (P. TÂN NINH)' })
    expect([same.status, await same.text()]).toEqual([409, expect.stringContaining('TEAM_NAME_TAKEN')])
    for (const name of ['', ' ', 'x'.repeat(65), 'two\nlines', 'turned\u202earound'])
      expect((await ask('/teams', adminToken, 'POST', { name })).status).toBe(400)
    expect((await ask(`/teams/${id}`, adminToken, 'PATCH', { name: 'Đội Chiếu Sáng (P. Tân Ninh)' })).status).toBe(200)
    expect((await ask(`/teams/${id}`, adminToken, 'DELETE')).status).toBe(204)
    expect((await ask(`/teams/${id}`, adminToken, 'DELETE')).status).toBe(404)
    expect((await ask(`/teams/${id}`, adminToken, 'PATCH', { name: 'Đội khác' })).status).toBe(404)
    await until('the other process to know', async () => (await namesAt(other, viewer)).length === 0)
    const many = Array.from({ length: 101 }, (_, at) => ask('/teams', adminToken, 'POST', { name: `Đội ${at}` }))
    const statuses = (await Promise.all(many)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(100)
    expect(statuses.filter((status) => status === 409)).toHaveLength(1)
  })

  it('lose every session with their role, their password, or when they are kept out, on every process of the api', async () => {
    const { id, cookie } = await add('changing', 'viewer')
    expect(await statusAs(cookie, other)).toBe(200)
    expect((await ask(`/people/${id}`, adminToken, 'PATCH', { role: 'planner' })).status).toBe(200)
    expect(await statusAs(cookie)).toBe(401)
    await until('the other process to know', async () => (await statusAs(cookie, other)) === 401)

    const second = cookieOf(await signIn('changing'))
    const changed = await ask('/session/password', second, 'PUT', { current: password, password: 'quite another one' })
    expect(changed.status).toBe(204)
    expect(await statusAs(second)).toBe(401)
    expect(await statusAs(cookieOf(changed))).toBe(200)
    expect((await signIn('changing')).status).toBe(401)

    expect((await ask(`/people/${id}`, adminToken, 'PATCH', { disabled: true })).status).toBe(200)
    expect(await statusAs(cookieOf(changed))).toBe(401)
    expect((await signIn('changing', 'quite another one')).status).toBe(401)
  })

  it('go on at once on another process of the api with a session that began a moment ago', async () => {
    const { cookie } = await add('wandering', 'viewer')
    expect(await statusAs(cookie, other)).toBe(200)
    const changed = await ask('/session/password', cookie, 'PUT', { current: password, password: 'quite another one' })
    expect(await statusAs(cookieOf(changed), other)).toBe(200)
  })

  it('sign out here, or everywhere, on every process of the api', async () => {
    await add('leaving', 'viewer')
    const [one, two, three] = [
      cookieOf(await signIn('leaving')),
      cookieOf(await signIn('leaving')),
      cookieOf(await signIn('leaving')),
    ]
    expect((await ask('/session', one, 'DELETE')).status).toBe(204)
    expect(await statusAs(one)).toBe(401)
    await until('the other process to know', async () => (await statusAs(one, other)) === 401)
    expect(await statusAs(two, other)).toBe(200)
    expect((await ask('/sessions', two, 'DELETE')).status).toBe(204)
    expect(await statusAs(three)).toBe(401)
    await until('the other process to know', async () => (await statusAs(three, other)) === 401)
  })

  it('lose their live feed with their session', async () => {
    const { id, cookie } = await add('watching', 'viewer')
    const socket = io(`${api.url}/live`, {
      ...{ transports: ['websocket'], forceNew: true, reconnection: false, extraHeaders: { cookie } },
    })
    await until('the connection', () => socket.connected)
    const ended = new Promise((resolve) => socket.once('disconnect', resolve))
    expect((await ask(`/people/${id}/sessions`, adminToken, 'DELETE')).status).toBe(204)
    expect(await ended).toBe('io server disconnect')
  })

  it('lose their password when an admin gives them a new link, which is good for three days', async () => {
    const { id, cookie } = await add('forgetful', 'viewer')
    const invite = async () =>
      invitedPersonResponse.parse(await (await ask(`/people/${id}/invitation`, adminToken, 'POST')).json()).invitation
    const late = await invite()
    expect(await statusAs(cookie)).toBe(401)
    expect((await signIn('forgetful')).status).toBe(401)
    now += 3 * dayMs
    expect((await ask('/session/invitation', '', 'POST', { token: late.token, password })).status).toBe(401)
    const { token } = await invite()
    expect((await ask('/session/invitation', '', 'POST', { token, password: 'short' })).status).toBe(400)
    expect((await ask('/session/invitation', '', 'POST', { token, password })).status).toBe(200)
  })

  it('have names of their own, and nobody changes their own role', async () => {
    const { id, cookie } = await add('second admin', 'admin')
    expect((await ask('/people', cookie, 'POST', { name: 'SECOND ADMIN', role: 'viewer' })).status).toBe(409)
    expect((await ask('/people', cookie, 'POST', { name: 'Admin', role: 'viewer' })).status).toBe(409)
    expect((await ask(`/people/${id}`, cookie, 'PATCH', { role: 'viewer' })).status).toBe(409)
    expect((await ask('/people/first-admin', cookie, 'PATCH', { disabled: true })).status).toBe(409)
    expect((await ask('/people/no-such', cookie, 'PATCH', { disabled: true })).status).toBe(404)
    const { people } = peopleResponse.parse(await (await ask('/people', cookie)).json())
    expect(people.find((person) => person.id === id)).toMatchObject({ name: 'second admin', state: 'active' })
  })

  const addKey = async (as: string, name: string, rights: Right[], days = 30) =>
    ask('/keys', as, 'POST', { name, rights, days })

  it('give programs keys with some of their rights, for some time, until they or the key are gone', async () => {
    const { id, cookie } = await add('maker', 'engineer')
    expect((await addKey(cookie, 'too much', ['see', 'people:manage'])).status).toBe(403)
    const made = newKeyResponse.parse(await (await addKey(cookie, 'export', ['see'])).json())
    expect((await ask('/sensors', made.token)).status).toBe(200)
    expect((await ask('/quarantine', made.token)).status).toBe(403)
    expect(await (await ask('/session', made.token)).json()).toMatchObject({ name: 'maker/export', rights: ['see'] })
    expect((await addKey(made.token, 'child', ['see'])).status).toBe(403)
    await until(
      'the other process to know',
      async () => (await ask('/sensors', made.token, 'GET', undefined, other)).ok,
    )
    await until('its use noted', async () => {
      const { keys } = keysResponse.parse(await (await ask('/keys', cookie)).json())
      return keys.find((key) => key.id === made.key.id)?.usedAt === now
    })
    expect((await ask('/sensors', `${made.token}x`)).status).toBe(401)

    expect((await ask(`/keys/${made.key.id}`, cookie, 'DELETE')).status).toBe(204)
    expect((await ask('/sensors', made.token)).status).toBe(401)

    const short = newKeyResponse.parse(await (await addKey(cookie, 'short', ['see'], 1)).json())
    expect((await ask('/sensors', short.token)).status).toBe(200)
    now += dayMs
    expect((await ask('/sensors', short.token)).status).toBe(401)

    const orphan = newKeyResponse.parse(
      await (await addKey(cookieOf(await signIn('maker')), 'orphan', ['see', 'rules:edit'])).json(),
    )
    expect(await (await ask('/session', orphan.token)).json()).toMatchObject({ rights: ['see', 'rules:edit'] })
    await ask(`/people/${id}`, adminToken, 'PATCH', { role: 'viewer' })
    expect(await (await ask('/session', orphan.token)).json()).toMatchObject({ rights: ['see'] })
    await ask(`/people/${id}`, adminToken, 'PATCH', { disabled: true })
    expect((await ask('/sensors', orphan.token)).status).toBe(401)
  })

  it('let a key onto the live feed, and end it there when it is revoked', async () => {
    const { key, token } = newKeyResponse.parse(await (await addKey(adminToken, 'screen', ['see'])).json())
    const socket = io(`${api.url}/live`, {
      ...{ transports: ['websocket'], forceNew: true, reconnection: false, auth: { token } },
    })
    await until('the connection', () => socket.connected)
    const ended = new Promise((resolve) => socket.once('disconnect', resolve))
    await ask(`/keys/${key.id}`, adminToken, 'DELETE')
    expect(await ended).toBe('io server disconnect')
  })

  it('leave what they did in the audit log, by person and by time', async () => {
    const done = new Set((await whatWasDone()).map(({ what }) => what))
    for (const what of [
      ...['session.begin', 'session.refuse', 'session.end', 'session.end-all', 'person.add', 'person.change'],
      ...['person.invite', 'person.password', 'key.add', 'key.revoke'],
    ])
      expect(done, what).toContain(what)
    const ofMaker = await whatWasDone('&who=maker')
    expect(ofMaker.map(({ what }) => what)).toEqual(expect.arrayContaining(['key.add', 'key.revoke', 'session.begin']))
    expect(new Set(ofMaker.map(({ who }) => who.split('/')[0]))).toEqual(new Set(['maker']))
    for (const { from } of ofMaker) expect(from).toBe('127.0.0.1')
    const early = await whatWasDone(`&to=${now - dayMs}`)
    expect(early.length).toBeGreaterThan(0)
    for (const { at } of early) expect(at).toBeLessThan(now - dayMs)
  })

  it('leave no secret anywhere: not in the log, the audit log, the lists, nor in plain in the store', async () => {
    const { token } = await add('discreet', 'viewer')
    await signIn('discreet', 'a wrong but telling password')
    const key = newKeyResponse.parse(await (await addKey(adminToken, 'discreet', ['see'])).json())
    const places = [
      logged,
      JSON.stringify(await whatWasDone()),
      await (await ask('/people', adminToken)).text(),
      await (await ask('/keys', adminToken)).text(),
      JSON.stringify(await test.store.readDocuments('account')),
      JSON.stringify(await test.store.readDocuments('key')),
    ]
    expect(logged).toContain('sign-in refused')
    // base64url: the secret itself may hold the sign that stands before it
    const ofKey = key.token.replace(/^nhip_[0-9a-f]{12}_/, '')
    expect(ofKey).toHaveLength(43)
    for (const place of places)
      for (const secret of [password, 'a wrong but telling', token.split('.')[1], ofKey, adminToken])
        expect(place).not.toContain(secret)
  })

  it('are not let in by name while the store has not told who they are; the admin token is', async () => {
    const { cookie } = await add('early', 'viewer')
    test.down = true
    const late = await startTestApi({ store: test.store, brokerPort: broker.port, clock: () => now })
    expect((await signIn('early', password, late)).status).toBe(503)
    expect(await statusAs(cookie, late)).toBe(503)
    expect(await statusAs(adminToken, late)).toBe(200)
    test.down = false
    await until('the people', async () => (await statusAs(cookie, late)) === 200)
    await late.close()
  })

  it('wait for their turn when many sign in at once, and too many are told to come back', async () => {
    const fresh = await startTestApi({ store: test.store, brokerPort: broker.port, clock: () => now })
    const answers = await Promise.all(Array.from({ length: 28 }, () => signIn('early', password, fresh)))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(6) // an address has six at a time
    expect(new Set(statuses)).toEqual(new Set([200, 429]))
    const more = await Promise.all(Array.from({ length: 10 }, () => signIn('early', 'wrong password', fresh)))
    expect(more.map(({ status }) => status)).toContain(429)
    await fresh.close()
  })
})
