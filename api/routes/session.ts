import type { CookieSerializeOptions } from '@fastify/cookie'
import { z } from 'zod'
import { ApiProblem } from '../problems.ts'
import type { ApiServer, ServerParts } from '../server.ts'
import { cookieName, sessionSeconds } from '../sessions.ts'

const sessionResponse = z.object({ user: z.string(), role: z.string() })
const tags = ['session']

/** How the session's cookie is set. */
export const cookieOptions: CookieSerializeOptions = {
  httpOnly: true,
  sameSite: 'strict',
  path: '/',
  maxAge: sessionSeconds,
}

/** Signing in and out. */
export function sessionRoutes(app: ApiServer, { sessions }: ServerParts): void {
  const admin = { user: 'admin', role: 'admin' }
  app.get(
    '/api/v1/session',
    { schema: { summary: 'Who is signed in', tags, response: { 200: sessionResponse } } },
    async () => admin,
  )
  app.post(
    '/api/v1/session',
    {
      config: { access: 'open' },
      schema: {
        summary: 'Sign in with a token; sets the cookie',
        tags,
        security: [],
        body: z.object({ token: z.string().min(1).max(1_024) }),
        response: { 200: sessionResponse },
      },
    },
    async ({ body }, reply) => {
      if (!sessions.redeem(body.token)) throw new ApiProblem('UNAUTHENTICATED', 'this token is not valid')
      reply.setCookie(cookieName, sessions.issue(), cookieOptions)
      return admin
    },
  )
  app.delete(
    '/api/v1/session',
    { schema: { summary: 'Sign out', tags, response: { 204: z.null() } } },
    async ({ cookies }, reply) => {
      sessions.revoke(cookies[cookieName] ?? '')
      return reply.clearCookie(cookieName, cookieOptions).code(204).send(null)
    },
  )
}
