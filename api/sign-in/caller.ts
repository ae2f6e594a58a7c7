import type { FastifyRequest } from 'fastify'
import { PlatformError } from '#telemetry/errors.ts'
import { stranger } from '#telemetry/people.ts'
import { ApiProblem } from '../server/problems.ts'
import { type Caller, cookieName, type Sessions } from './sessions.ts'

/** The token of an `Authorization: Bearer …` header. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
}

/** Whether a request brings a bearer token, be it one that could be none. */
export function hasBearer(request: FastifyRequest): boolean {
  return /^bearer(\s|$)/i.test(request.headers.authorization ?? '')
}

/** Who sends this request, by its bearer token or else its cookie. */
export async function callerOf(request: FastifyRequest, sessions: Sessions): Promise<Caller> {
  const bearer = bearerOf(request)
  const cookie = request.cookies[cookieName] ?? ''
  try {
    if (bearer !== undefined) return sessions.authenticateToken(bearer) ?? stranger
    await sessions.loadUnknownAccount(cookie)
    return sessions.authenticateCookie(cookie) ?? stranger
  } catch (error) {
    // the page itself is for anybody, also while it is not known yet who may sign in
    if ((error instanceof ApiProblem || error instanceof PlatformError) && !request.url.startsWith('/api/'))
      return stranger
    throw error
  }
}

/**
 * Who sends this request now. What let them in may have ended, or their role may be another, while the request waited for its turn:
 * asked again in that turn, so that somebody who was kept out changes nothing more. @throws ApiProblem UNAUTHENTICATED or FORBIDDEN
 */
export function reauthorize(request: FastifyRequest, sessions: Sessions): Caller {
  const bearer = bearerOf(request)
  const person =
    bearer === undefined
      ? sessions.authenticateCookie(request.cookies[cookieName] ?? '')
      : sessions.authenticateToken(bearer)
  if (!person) throw new ApiProblem('UNAUTHENTICATED', { code: 'SIGNED_OUT_MEANWHILE', params: {} })
  const { right } = request.routeOptions.config
  if (right === 'open' || right === 'loopback' || right === undefined || person.rights.includes(right)) return person
  throw new ApiProblem('FORBIDDEN', { code: 'RIGHT_LOST', params: { right } })
}
