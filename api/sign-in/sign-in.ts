import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SignInBody } from '#telemetry/accounts.ts'
import type { AuditedAction, SignInWay } from '#telemetry/audit-actions.ts'
import type { RequestFault } from '#telemetry/faults/request-faults.ts'
import type { Person } from '#telemetry/people.ts'
import { type AuditLog, actorOf } from '../audit-log/audit-log.ts'
import type { RateLimits } from '../limits/rate-limits.ts'
import type { ApiMetrics } from '../metrics.ts'
import { type Account, foldName } from '../people/account.ts'
import type { People } from '../people/people.ts'
import { ApiProblem } from '../server/problems.ts'
import type { WebOptions } from '../web-options.ts'
import type { Passwords } from './passwords.ts'
import type { RefusedSignIns } from './refused-sign-ins.ts'
import { type Caller, callerOfAccount, cookieName, type Sessions, sessionSeconds } from './sessions.ts'

interface SignInParts {
  people: People
  passwords: Passwords
  sessions: Sessions
  limits: RateLimits
  auditLog: AuditLog
  refusedSignIns: RefusedSignIns
  metrics: ApiMetrics
  web: WebOptions
}

/** Signing in and out, by whatever way: counted, bounded, recorded in the audit log, never with the secret. */
export class SignIn {
  readonly #parts: SignInParts

  constructor(parts: SignInParts) {
    this.#parts = parts
  }

  /** Signs in with what the sign-in page sends. @throws ApiProblem UNAUTHENTICATED or TOO_MANY_REQUESTS */
  with(request: FastifyRequest, reply: FastifyReply, body: SignInBody): Promise<Person> {
    return 'token' in body ? this.byToken(request, reply, body.token) : this.#byPassword(request, reply, body)
  }

  /** Signs in with the admin token or a one-time token. @throws ApiProblem UNAUTHENTICATED or TOO_MANY_REQUESTS */
  async byToken(request: FastifyRequest, reply: FastifyReply, token: string): Promise<Person> {
    const { limits } = this.#parts
    await limits.checkSignIn(request)
    return this.#redeem(request, reply, token, limits.countSignIn)
  }

  /** The same with a token of an address, which any page can make a browser ask for. @throws ApiProblem UNAUTHENTICATED or TOO_MANY_REQUESTS */
  async byLink(request: FastifyRequest, reply: FastifyReply, token: string): Promise<Person> {
    const { limits } = this.#parts
    await limits.checkLink(request)
    return this.#redeem(request, reply, token, limits.countLink)
  }

  async #redeem(
    request: FastifyRequest,
    reply: FastifyReply,
    token: string,
    countFailure: (request: FastifyRequest) => Promise<void>,
  ): Promise<Person> {
    const account = this.#parts.sessions.redeem(token)
    if (account) return this.begin(request, reply, account, 'token')
    await countFailure(request)
    const code = this.#parts.sessions.isSpent(token) ? 'LOGIN_LINK_USED' : 'WRONG_TOKEN'
    throw await this.refuse(request, 'token', '', { code, params: {} })
  }

  async #byPassword(request: FastifyRequest, reply: FastifyReply, body: { name: string; password: string }) {
    const { people, passwords, limits } = this.#parts
    await limits.countSignIn(request, foldName(body.name))
    if (!people.loaded) throw new ApiProblem('STARTING', { code: 'STILL_READ', params: { what: 'people' } })
    const account = people.byName(body.name)
    const right = await passwords.matches(body.password, account?.passwordHash, request.ip)
    // one answer for every reason: it reveals no names
    if (!account || !right || account.disabled) {
      limits.failedSignIn(request, foldName(body.name))
      // what was typed as a name may be a password: only a name that there is gets into the audit log
      throw await this.refuse(request, 'password', account?.name ?? '', { code: 'WRONG_NAME_OR_PASSWORD', params: {} })
    }
    return this.begin(request, reply, account, 'password')
  }

  /** Sets the first or a new password with a one-time token, and signs in. @throws ApiProblem */
  async byInvitation(request: FastifyRequest, reply: FastifyReply, token: string, password: string): Promise<Person> {
    const { people, passwords, limits } = this.#parts
    await limits.countSignIn(request)
    if (!people.invited(token)) throw await this.refuse(request, 'invitation', '', people.invitationFault(token))
    // hashing takes a while, and the token is good once
    const account = await people.redeem(token, await passwords.hash(password, request.ip))
    if (!account) throw await this.refuse(request, 'invitation', '', { code: 'INVITATION_USED', params: {} })
    return this.begin(request, reply, account, 'invitation')
  }

  /** Changes one's own password; every other session ends, this one goes on anew. @throws ApiProblem */
  async changePassword(request: FastifyRequest, reply: FastifyReply, current: string, password: string): Promise<void> {
    const { people, passwords, limits, auditLog } = this.#parts
    const account = people.get(request.person.account ?? '')
    if (account?.source !== 'password') throw new ApiProblem('CONFLICT', { code: 'OWN_PASSWORD_ELSEWHERE', params: {} })
    await limits.countSignIn(request, foldName(account.name))
    if (!(await passwords.matches(current, account.passwordHash, request.ip)))
      throw this.#wrongCurrent(request, account)
    const changed = await people.setPassword(
      account.id,
      await passwords.hash(password, request.ip),
      account.passwordHash,
    )
    await auditLog.record({ ...actorOf(request), what: 'person.password', target: account.name })
    this.#setCookie(request, reply, changed)
  }

  #wrongCurrent(request: FastifyRequest, { name }: Account): ApiProblem {
    this.#parts.limits.failedSignIn(request, foldName(name))
    return new ApiProblem('INVALID_REQUEST', { path: 'current', code: 'WRONG_PASSWORD', params: {} })
  }

  /** Begins a session for somebody who has proved who they are. */
  async begin(request: FastifyRequest, reply: FastifyReply, account: Account, way: SignInWay): Promise<Person> {
    this.#parts.metrics.signIns.inc({ result: 'ok' })
    const person: Caller = callerOfAccount(account)
    request.person = person
    await this.#audit(request, account.name, { what: 'session.begin', detail: { way } })
    this.#setCookie(request, reply, account)
    return person
  }

  /** The problem of an attempt that failed, counted, logged and recorded in the audit log; `name` is that of somebody there is, or empty. */
  async refuse(request: FastifyRequest, way: SignInWay, name: string, fault: RequestFault): Promise<ApiProblem> {
    this.#parts.metrics.signIns.inc({ result: 'refused' })
    request.log.warn({ from: request.ip, way, name }, 'sign-in refused')
    const { who, from } = actorOf(request)
    await this.#parts.refusedSignIns.refused({ who, from, way, target: name })
    return new ApiProblem('UNAUTHENTICATED', fault)
  }

  /** Ends the session of this request. */
  async end(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { session, name } = request.person
    this.clearCookie(request, reply)
    if (session === undefined) return
    await this.#parts.sessions.end(session)
    await this.#audit(request, name, { what: 'session.end' })
  }

  /** Takes the session's cookie away from the browser. */
  clearCookie(request: FastifyRequest, reply: FastifyReply): void {
    reply.clearCookie(cookieName, this.#cookieOptions(request))
  }

  #setCookie(request: FastifyRequest, reply: FastifyReply, account: Account): void {
    reply.setCookie(cookieName, this.#parts.sessions.issue(account), {
      ...this.#cookieOptions(request),
      maxAge: sessionSeconds,
    })
  }

  #audit(request: FastifyRequest, target: string, action: AuditedAction): Promise<void> {
    return this.#parts.auditLog.record({ ...actorOf(request), target, ...action })
  }

  #cookieOptions({ protocol }: FastifyRequest): CookieSerializeOptions {
    const secure = protocol === 'https' || (this.#parts.web.publicUrl?.startsWith('https:') ?? false)
    return { httpOnly: true, sameSite: 'strict', path: '/', secure }
  }
}
