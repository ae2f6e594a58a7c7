import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from './problems.ts'
import type { ApiServer } from './server.ts'
import { cookieName, type Sessions } from './sessions.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `open`: anyone; `loopback`: this machine or the admin; absent: the admin */
    access?: 'open' | 'loopback'
  }
}

/** The token of an `Authorization: Bearer …` header. */
function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
}

/** Whether the request carries the admin token or a session. */
export function isSignedIn(request: FastifyRequest, sessions: Sessions): boolean {
  const bearer = bearerOf(request)
  if (bearer !== undefined) return sessions.isAdminToken(bearer)
  const cookie = request.cookies[cookieName]
  return cookie !== undefined && sessions.isSession(cookie)
}

/** Whether the request comes from this machine itself and not through a proxy on it. */
function isLoopback(request: FastifyRequest): boolean {
  const { 'x-forwarded-for': forwardedFor, forwarded } = request.headers
  if (forwardedFor !== undefined || forwarded !== undefined) return false
  return /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(request.socket.remoteAddress ?? '')
}

/** Every route needs the admin unless its `config.access` says otherwise; unknown addresses answer 404 to anyone. */
export function installGuard(app: ApiServer, sessions: Sessions): void {
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const { access } = request.routeOptions.config
    if (request.is404 || access === 'open') return
    if (access === 'loopback' && isLoopback(request)) return
    if (isSignedIn(request, sessions)) return
    return sendProblem(request, reply, 'UNAUTHENTICATED', 'sign in, or send the admin token as a bearer token')
  })
}
