import type { CookieSerializeOptions } from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Person } from '#telemetry/people.ts'
import type { ApiMetrics } from './metrics.ts'
import { ApiProblem } from './problems.ts'
import type { RateLimits } from './rate-limits.ts'
import { cookieName, type Sessions, sessionSeconds } from './sessions.ts'
import { askerOf, type Trail } from './trail.ts'
import type { WebOptions } from './web-options.ts'

interface SignInParts {
  sessions: Sessions
  limits: RateLimits
  trail: Trail
  metrics: ApiMetrics
  web: WebOptions
}

/** Signing in and out, by whatever way: counted, bounded, told to the trail. */
export class SignIn {
  readonly #parts: SignInParts

  constructor(parts: SignInParts) {
    this.#parts = parts
  }

  /** Signs in with the admin token or a one-time token. @throws ApiProblem UNAUTHENTICATED or TOO_MANY_REQUESTS */
  async byToken(request: FastifyRequest, reply: FastifyReply, token: string): Promise<Person> {
    const { sessions, limits } = this.#parts
    await limits.checkSignIn(request)
    const person = sessions.redeem(token)
    if (person) return this.#begin(request, reply, person)
    await limits.countSignIn(request)
    throw this.#refuse(request, 'token', '', 'this token is not valid')
  }

  /** Ends the session of this request. */
  end(request: FastifyRequest, reply: FastifyReply): void {
    this.#parts.sessions.revoke(request.cookies[cookieName] ?? '')
    this.#tell(request, 'session.end', request.person.name)
    reply.clearCookie(cookieName, this.#cookieOptions(request))
  }

  #begin(request: FastifyRequest, reply: FastifyReply, person: Person): Person {
    const { sessions, metrics } = this.#parts
    metrics.signIns.inc({ result: 'ok' })
    request.person = person
    this.#tell(request, 'session.begin', person.name)
    reply.setCookie(cookieName, sessions.issue(), this.#cookieOptions(request))
    return person
  }

  /** The problem of an attempt that failed, counted, logged and told to the trail; `name` is what was claimed. */
  #refuse(request: FastifyRequest, way: string, name: string, detail: string): ApiProblem {
    this.#parts.metrics.signIns.inc({ result: 'refused' })
    request.log.warn({ from: request.ip, way, name }, 'sign-in refused')
    this.#tell(request, 'session.refuse', name, { way })
    return new ApiProblem('UNAUTHENTICATED', detail)
  }

  /** Not waited for: signing in must go on while the store is away. */
  #tell(request: FastifyRequest, what: string, target: string, detail?: Record<string, unknown>): void {
    void this.#parts.trail.record({ ...askerOf(request), what, target, ...(detail ? { detail } : {}) })
  }

  #cookieOptions({ protocol }: FastifyRequest): CookieSerializeOptions {
    const secure = protocol === 'https' || (this.#parts.web.publicUrl?.startsWith('https:') ?? false)
    return { httpOnly: true, sameSite: 'strict', path: '/', maxAge: sessionSeconds, secure }
  }
}
