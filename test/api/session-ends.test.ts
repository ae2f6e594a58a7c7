import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { invitedPersonResponse } from '#telemetry/accounts.ts'
import {
  adminToken,
  openTestStore,
  startTestApi,
  startTestBroker,
  type TestBroker,
  type TestStore,
} from './api-parts.ts'

const password = 'một mật khẩu đủ dài'
const dayMs = 86_400_000

describe('those who cannot come in any more', () => {
  let broker: TestBroker
  let test: TestStore
  let api: Api
  let now = Date.UTC(2026, 10, 25)

  // one for each test: sign-ins of one address are counted
  beforeEach(async () => {
    test = await openTestStore()
    broker = await startTestBroker()
    api = await startTestApi({ store: test.store, brokerPort: broker.port, clock: () => now })
  })
  afterEach(async () => {
    await api.close()
    await broker.close()
    await test.close()
  })

  /** Asks as somebody: with a bearer token, or with a session's cookie. */
  const ask = (path: string, as: string, method = 'GET', body?: unknown) =>
    fetch(`${api.url}/api/v1${path}`, {
      method,
      headers: {
        ...(as.startsWith('nhip_session=') ? { cookie: as } : as === '' ? {} : { authorization: `Bearer ${as}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const cookieOf = (answer: Response) => answer.headers.get('set-cookie')?.split(';')[0] ?? ''
  const signIn = (name: string) => ask('/session', '', 'POST', { name, password })
  /** Adds an operator who has chosen a password; gives their id, link and the cookie of their first session. */
  const add = async (name: string) => {
    const answer = await ask('/people', adminToken, 'POST', { name, role: 'operator' })
    const { person, invitation } = invitedPersonResponse.parse(await answer.json())
    const accepted = await ask('/session/invitation', '', 'POST', { token: invitation.token, password })
    expect(accepted.status).toBe(200)
    return { id: person.id, cookie: cookieOf(accepted), token: invitation.token }
  }

  it('are told why a one-time link is good no more: used, replaced, too old, or its account disabled', async () => {
    const faultOf = async (token: string) => {
      const answer = await ask('/session/invitation', '', 'POST', { token, password })
      expect(answer.status).toBe(401)
      return ((await answer.json()) as { faults: { code: string }[] }).faults[0]?.code
    }
    const invited = async (path: string, body?: unknown) =>
      invitedPersonResponse.parse(await (await ask(path, adminToken, 'POST', body)).json())
    const { id, token } = await add('Hà')
    expect(await faultOf(token)).toBe('INVITATION_USED')
    const first = await invited(`/people/${id}/invitation`)
    const second = await invited(`/people/${id}/invitation`)
    expect(await faultOf(first.invitation.token)).toBe('INVITATION_REPLACED')
    expect(await faultOf(`${id}.never-given`)).toBe('INVITATION_OVER')
    now += 4 * dayMs
    expect(await faultOf(second.invitation.token)).toBe('INVITATION_EXPIRED')
    now -= 4 * dayMs
    await ask(`/people/${id}`, adminToken, 'PATCH', { disabled: true })
    expect(await faultOf(second.invitation.token)).toBe('ACCOUNT_DISABLED')
  })

  it('are told why their session is over', async () => {
    const endOf = async (cookie: string) => {
      const settings = await (await ask('/config', cookie)).json()
      return (settings as { signedIn: boolean; ended?: string }).ended
    }
    const { id, cookie } = await add('Sơn')
    expect(await endOf(cookie)).toBeUndefined()
    const again = async () => cookieOf(await signIn('Sơn'))
    const changes: [end: string, change: (own: string) => Promise<unknown>][] = [
      ['signed-out', (own) => ask('/session', own, 'DELETE')],
      ['role', () => ask(`/people/${id}`, adminToken, 'PATCH', { role: 'viewer' })],
      ['everywhere', (own) => ask('/sessions', own, 'DELETE')],
      ['password', (own) => ask('/session/password', own, 'PUT', { current: password, password })],
      ['disabled', () => ask(`/people/${id}`, adminToken, 'PATCH', { disabled: true })],
    ]
    for (const [end, change] of changes) {
      const own = await again()
      await change(own)
      expect(await endOf(own)).toBe(end)
    }
    await ask(`/people/${id}`, adminToken, 'PATCH', { disabled: false })
    const last = await again()
    await ask(`/people/${id}/invitation`, adminToken, 'POST')
    expect(await endOf(last)).toBe('invitation')
    now += 8 * dayMs
    expect(await endOf(last)).toBe('expired')
    now -= 8 * dayMs
    // signed with the token of before, and nothing of ours at all
    expect(await endOf(`${last}x`)).toBe('key')
    expect(await endOf('nhip_session=nonsense')).toBeUndefined()
    expect(await endOf('')).toBeUndefined()
  })
})
