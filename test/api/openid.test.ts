import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import type { OpenIdOptions } from '#api/sign-in/openid.ts'
import { peopleResponse } from '#telemetry/accounts.ts'
import { freePort } from '../real/free-port.ts'
import {
  adminToken,
  get,
  openTestStore,
  startTestApi,
  startTestBroker,
  type TestBroker,
  type TestStore,
  web,
} from './api-parts.ts'

/** Who is known at the provider, and in which groups. */
const groups: Record<string, string[]> = { lan: ['city-operators'], minh: ['city-admins'], guest: ['canteen'] }

/** A browser's cookies and redirects, by hand. */
class Visitor {
  readonly #cookies = new Map<string, Map<string, string>>()

  async go(url: string, form?: Record<string, string>): Promise<{ url: string; status: number; text: string }> {
    let [at, body] = [new URL(url), form]
    for (let hops = 0; hops < 15; hops += 1) {
      const jar = this.#cookies.get(at.host) ?? new Map<string, string>()
      this.#cookies.set(at.host, jar)
      const answer = await fetch(at, {
        method: body ? 'POST' : 'GET',
        redirect: 'manual',
        headers: { cookie: Array.from(jar, ([name, value]) => `${name}=${value}`).join('; ') },
        ...(body ? { body: new URLSearchParams(body) } : {}),
      })
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        if (value === '' || /max-age=0|1970/i.test(line)) jar.delete(name)
        else jar.set(name, value)
      }
      const to = answer.headers.get('location')
      if (to === null) return { url: at.href, status: answer.status, text: await answer.text() }
      at = new URL(to, at)
      body = undefined
    }
    throw new Error(`redirected without end, last to ${at}`)
  }

  cookiesFor(host: string): string {
    return Array.from(this.#cookies.get(host) ?? [], ([name, value]) => `${name}=${value}`).join('; ')
  }

  forget(host: string): void {
    this.#cookies.delete(host)
  }
}

describe('sign-in through an OpenID provider', () => {
  let server: Server
  let issuer: string
  let broker: TestBroker
  let test: TestStore
  let api: Api

  beforeAll(async () => {
    const port = await freePort()
    server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    issuer = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    const provider = new Provider(issuer, {
      clients: [
        {
          ...{ client_id: 'nhip', client_secret: 'a-secret-of-this-test' },
          redirect_uris: [`http://127.0.0.1:${port}/api/v1/session/openid/callback`],
        },
      ],
      claims: { openid: ['sub'], profile: ['preferred_username', 'groups'] },
      cookies: { keys: ['a-key-of-this-test'] },
      findAccount: (_context, sub) => ({
        accountId: sub,
        claims: () => ({ sub, preferred_username: `${sub}@city`, groups: groups[sub] ?? [] }),
      }),
    })
    server.on('request', provider.callback())
    const openId: OpenIdOptions = {
      ...{ issuer, clientId: 'nhip', clientSecret: 'a-secret-of-this-test', scope: 'openid profile' },
      ...{ roleClaim: 'groups', roles: { admin: 'city-admins', operator: 'city-operators' } },
    }
    test = await openTestStore()
    broker = await startTestBroker()
    api = await startTestApi({ store: test.store, brokerPort: broker.port, port, openId })
  })
  afterAll(async () => {
    await api?.close()
    await broker?.close()
    await test?.close()
    server?.close()
    server?.closeAllConnections()
  })

  const host = () => new URL(api.url).host
  /** Goes to the provider, signs in there, agrees, and comes back. */
  const signIn = async (name: string, visitor = new Visitor()) => {
    let page = await visitor.go(`${api.url}/api/v1/session/openid`)
    for (let steps = 0; steps < 4 && page.url.startsWith(issuer); steps += 1) {
      const [, action = ''] = /action="([^"]+)"/.exec(page.text) ?? []
      const [, prompt = ''] = /name="prompt" value="([^"]+)"/.exec(page.text) ?? []
      page = await visitor.go(new URL(action, issuer).href, { prompt, login: name, password: 'any' })
    }
    const headers = { cookie: visitor.cookiesFor(host()) }
    return { page, visitor, session: await get(api, '/api/v1/session', { headers }) }
  }

  it('lets in who has a role there, with that role, and lists them among the people', async () => {
    const { page, session } = await signIn('lan')
    expect(page.url).toBe(`${api.url}/`)
    expect(await session.json()).toMatchObject({ name: 'lan@city', role: 'operator' })
    const admin = await signIn('minh')
    expect(await admin.session.json()).toMatchObject({ role: 'admin' })
    const { people } = peopleResponse.parse(await (await get(api, '/api/v1/people')).json())
    expect(people.filter(({ source }) => source === 'openid').map(({ name }) => name)).toEqual([
      'lan@city',
      'minh@city',
    ])
  })

  it('refuses who has none, and says so on the sign-in page', async () => {
    const { page, session } = await signIn('guest')
    expect(page.url).toBe(`${api.url}/#sign-in=forbidden`)
    expect(session.status).toBe(401)
  })

  it('takes a changed role at the next sign-in, which ends the sessions with the old one', async () => {
    const { visitor } = await signIn('lan')
    groups.lan = ['city-admins']
    const again = await signIn('lan')
    expect(await again.session.json()).toMatchObject({ name: 'lan@city', role: 'admin' })
    const old = await get(api, '/api/v1/session', { headers: { cookie: visitor.cookiesFor(host()) } })
    expect(old.status).toBe(401)
  })

  it('keeps out who is disabled here', async () => {
    const { people } = peopleResponse.parse(await (await get(api, '/api/v1/people')).json())
    const { id } = people.find(({ name }) => name === 'minh@city') ?? { id: '' }
    const json = { 'content-type': 'application/json', authorization: 'Bearer a-token-only-for-these-tests' }
    await get(api, `/api/v1/people/${id}`, { method: 'PATCH', headers: json, body: '{"disabled":true}' })
    expect((await signIn('minh')).page.url).toBe(`${api.url}/#sign-in=forbidden`)
  })

  it('takes no answer that another browser asked for', async () => {
    const visitor = new Visitor()
    const started = await visitor.go(`${api.url}/api/v1/session/openid`)
    expect(started.url).toContain(issuer)
    visitor.forget(host())
    const stolen = await visitor.go(`${api.url}/api/v1/session/openid/callback?code=stolen&state=forged`)
    expect(stolen.url).toBe(`${api.url}/#sign-in=failed`)
    expect(visitor.cookiesFor(host())).not.toContain('nhip_session=')
  })

  it('goes on, as every other way does, when any page has made a browser ask for others of them too often', async () => {
    const from = (address: string) => ({ 'x-forwarded-for': address })
    const other = await startTestApi({
      ...{ store: test.store, brokerPort: broker.port, web: { ...web, trustProxy: '127.0.0.1' } },
      openId: {
        ...{ issuer, clientId: 'nhip', clientSecret: 'a-secret-of-this-test', scope: 'openid profile' },
        ...{ roleClaim: 'groups', roles: {} },
      },
    })
    const ask = (path: string, headers: Record<string, string>) =>
      fetch(other.url + path, { headers, redirect: 'manual' }).then(({ status }) => status)
    for (let i = 0; i < 40; i += 1) await ask('/?token=bad', from('192.0.2.1'))
    expect(await ask('/api/v1/session/openid', from('192.0.2.1'))).toBe(303)
    for (let i = 0; i < 40; i += 1) await ask('/api/v1/session/openid', from('192.0.2.2'))
    expect(await ask('/api/v1/session/openid', from('192.0.2.2'))).toBe(429)
    const signedIn = await fetch(`${other.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...from('192.0.2.2') },
      body: JSON.stringify({ token: adminToken }),
    })
    expect(signedIn.status).toBe(200)
    await other.close()
  })

  it('says so when the provider does not answer', async () => {
    const other = await startTestApi({
      ...{ store: test.store, brokerPort: broker.port },
      openId: {
        ...{ issuer: `http://127.0.0.1:${await freePort()}`, clientId: 'x', clientSecret: 'y', scope: 'openid' },
        ...{ roleClaim: 'roles', roles: {} },
      },
    })
    const answer = await get(other, '/api/v1/session/openid')
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/#sign-in=unreachable'])
    await other.close()
  })
})
