import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Person, rightsOfRole } from '#telemetry/people.ts'

/** Name of the session's cookie. */
export const cookieName = 'nhip_session'

/** s a session lasts: seven days */
export const sessionSeconds = 7 * 86_400

/** sign-outs remembered until their sessions would have ended; the oldest goes first */
const maxRevoked = 10_000

/** The first admin, who comes with the token of this installation. */
const firstAdmin: Person = { name: 'admin', role: 'admin', rights: rightsOfRole.admin }

const digest = (text: string) => createHash('sha256').update(text).digest()
const same = (a: string, b: string) => timingSafeEqual(digest(a), digest(b))

/**
 * Who may come in. A session is a cookie signed with a key made from the admin token, so it outlives a restart of the api
 * and ends when the token changes. A sign-out is remembered in memory only.
 */
export class Sessions {
  readonly #adminToken: string
  readonly #key: Buffer
  readonly #clock: () => number
  readonly #revoked = new Set<string>()
  #loginToken: string | undefined

  constructor(options: { adminToken: string; loginToken: string | undefined; clock: () => number }) {
    this.#adminToken = options.adminToken
    this.#loginToken = options.loginToken
    this.#clock = options.clock
    this.#key = createHmac('sha256', options.adminToken).update('nhip session cookie v1').digest()
  }

  /** Whether this is the admin token; compared in constant time. */
  isAdminToken(token: string): boolean {
    return same(token, this.#adminToken)
  }

  /** Who sends this token with every request. */
  personOfToken(token: string): Person | undefined {
    return this.isAdminToken(token) ? firstAdmin : undefined
  }

  /** Who signed in with this cookie. */
  personOfCookie(cookie: string): Person | undefined {
    return this.isSession(cookie) ? firstAdmin : undefined
  }

  /** Whom this token signs in: the admin token always, the one-time login token once. */
  redeem(token: string): Person | undefined {
    if (this.isAdminToken(token)) return firstAdmin
    if (this.#loginToken === undefined || !same(token, this.#loginToken)) return undefined
    this.#loginToken = undefined
    return firstAdmin
  }

  /** A new session: `{end, epoch ms}.{random}.{signature}`. */
  issue(): string {
    const body = `${this.#clock() + sessionSeconds * 1_000}.${randomBytes(32).toString('base64url')}`
    return `${body}.${this.#sign(body)}`
  }

  /** Whether this cookie is a session of ours that has neither ended nor been signed out. */
  isSession(cookie: string): boolean {
    const [end, id, signature, more] = cookie.split('.')
    if (!end || !id || !signature || more !== undefined) return false
    if (!same(signature, this.#sign(`${end}.${id}`))) return false
    return Number(end) > this.#clock() && !this.#revoked.has(id)
  }

  /** Signs a session out. Anything else is ignored. */
  revoke(cookie: string): void {
    const id = cookie.split('.')[1]
    if (!id || !this.isSession(cookie)) return
    this.#revoked.add(id)
    for (const oldest of this.#revoked) {
      if (this.#revoked.size <= maxRevoked) break
      this.#revoked.delete(oldest)
    }
  }

  #sign(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest('base64url')
  }
}
