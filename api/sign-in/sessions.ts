import { createHmac, randomBytes } from 'node:crypto'
import { type Person, rightsOfRole } from '#telemetry/people.ts'
import type { SessionEnd } from '#telemetry/session-end.ts'
import { type Account, firstAdmin } from '../people/account.ts'
import { ApiKeys } from '../people/api-keys.ts'
import type { People } from '../people/people.ts'
import { same } from '../people/secrets.ts'
import { ApiProblem } from '../server/problems.ts'
import type { EndedSessions } from './ended-sessions.ts'

/** Name of the session's cookie. */
export const cookieName = 'nhip_session'

/** s after which a session expires: seven days */
export const sessionSeconds = 7 * 86_400

/** Who asks, and how they came in. */
export interface Caller extends Person {
  /** id of the session, when they came with a cookie */
  session?: string
}

interface SessionsOptions {
  adminToken: string
  /** signs the first admin in, once */
  loginToken: string | undefined
  people: People
  keys: ApiKeys
  ended: EndedSessions
  clock: () => number
}

/** What stands in a session's cookie. */
interface CookieContent {
  /** epoch ms */
  end: number
  account: string
  generation: number
  session: string
}

/** Somebody with an account, as who asks. */
export function callerOfAccount({ id, name, role }: Account): Caller {
  return { name, role, rights: rightsOfRole[role], account: id }
}

/**
 * Sessions and authentication of tokens. A session is a cookie signed with a key made from the admin token, so every process of the api knows it,
 * it outlives their restarts, and it ends when the token changes, when its person's password or role does, and by signing out.
 */
export class Sessions {
  readonly #options: SessionsOptions
  readonly #key: Buffer
  #loginToken: string | undefined
  #spentToken: string | undefined

  constructor(options: SessionsOptions) {
    this.#options = options
    this.#loginToken = options.loginToken
    this.#key = createHmac('sha256', options.adminToken).update('nhip session cookie v2').digest()
  }

  /** Calls back whenever somebody may have lost access. */
  onChange(listener: () => void): void {
    const { people, keys, ended } = this.#options
    for (const part of [people, keys, ended]) part.onChange(listener)
  }

  /** Who sends this token with every request: the admin token or a key. @throws ApiProblem STARTING */
  authenticateToken(token: string): Caller | undefined {
    const { adminToken, keys, people } = this.#options
    if (ApiKeys.isKey(token)) {
      if (!keys.loaded) throw starting()
      return keys.authenticate(token)
    }
    return same(token, adminToken) ? callerOfAccount(people.get(firstAdmin.id) ?? firstAdmin) : undefined
  }

  /** Who signed in with this cookie. @throws ApiProblem STARTING */
  authenticateCookie(cookie: string): Caller | undefined {
    const { people } = this.#options
    const read = this.#read(cookie)
    if (!read) return undefined
    // whether the session was ended by a change of its person is not known yet
    if (!people.loaded) throw starting()
    const found = people.get(read.account)
    if (!found || found.disabled || found.generation !== read.generation) return undefined
    return { ...callerOfAccount(found), session: read.session }
  }

  /** Looks into the store when another process of the api has signed somebody in with this cookie whom this one does not know yet. */
  async loadUnknownAccount(cookie: string): Promise<void> {
    const { people } = this.#options
    const read = this.#read(cookie)
    if (!read || !people.loaded) return
    const known = people.get(read.account)
    if (!known || known.generation < read.generation) await people.refresh()
  }

  /** What a cookie of ours says, unless its time is over or it was signed out. */
  #read(cookie: string): CookieContent | undefined {
    const { ended, clock } = this.#options
    const said = this.#parse(cookie)
    return said && said.end > clock() && !ended.has(said.session) ? said : undefined
  }

  /** What a cookie says, if we signed it. */
  #parse(cookie: string): CookieContent | undefined {
    const [end = '', account = '', generation = '', session = '', signature = '', more] = cookie.split('.')
    const body = [end, account, generation, session].join('.')
    if (more !== undefined || !same(signature, this.#sign(body))) return undefined
    return { end: Number(end), account, generation: Number(generation), session }
  }

  /** Whom this token signs in: the admin token always, the one-time login token once. */
  redeem(token: string): Account | undefined {
    const { adminToken, people } = this.#options
    const admin = people.get(firstAdmin.id) ?? firstAdmin
    if (same(token, adminToken)) return admin
    if (this.#loginToken === undefined || !same(token, this.#loginToken)) return undefined
    this.#spentToken = this.#loginToken
    this.#loginToken = undefined
    return admin
  }

  /** Whether this is the one-time login token, which has signed somebody in already. */
  isSpent(token: string): boolean {
    return this.#spentToken !== undefined && same(token, this.#spentToken)
  }

  /** Why a cookie signs nobody in any more, as who holds it is told; undefined for one that does, and for what is no cookie of ours. */
  endOf(cookie: string): SessionEnd | undefined {
    const { people, ended, clock } = this.#options
    const said = this.#parse(cookie)
    if (!said) return cookie.split('.').length === 5 ? 'key' : undefined
    if (!(said.end > clock())) return 'expired'
    if (ended.has(said.session)) return 'signed-out'
    const account = people.loaded ? people.get(said.account) : undefined
    if (account?.disabled) return 'disabled'
    return account && account.generation !== said.generation ? (account.endedBy ?? 'everywhere') : undefined
  }

  /** A new session: `{end, epoch ms}.{account}.{its generation}.{random}.{signature}`. */
  issue({ id, generation }: Account): string {
    const end = this.#options.clock() + sessionSeconds * 1_000
    const body = [end, id, generation, randomBytes(16).toString('base64url')].join('.')
    return `${body}.${this.#sign(body)}`
  }

  /** Signs a session out. */
  async end(session: string): Promise<void> {
    await this.#options.ended.end(session)
  }

  #sign(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest('base64url')
  }
}

function starting(): ApiProblem {
  return new ApiProblem('STARTING', { code: 'STILL_READ', params: { what: 'people' } })
}
