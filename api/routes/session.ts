import type { CookieSerializeOptions } from '@fastify/cookie'
import { z } from 'zod'
import { personSchema } from '#telemetry/people.ts'
import { ApiProblem } from '../problems.ts'
import type { ApiServer, ServerParts } from '../server.ts'
import { cookieName, sessionSeconds } from '../sessions.ts'
import { askerOf } from '../trail.ts'

const tags = ['session']

/** How the session's cookie is set. */
export const cookieOptions: CookieSerializeOptions = {
  httpOnly: true,
  sameSite: 'strict',
  path: '/',
  maxAge: sessionSeconds,
}

/** Signing in and out. */
export function sessionRoutes(app: ApiServer, { sessions, trail }: ServerParts): void {
  app.get(
    '/api/v1/session',
    { config: { right: 'see' }, schema: { summary: 'Who is signed in', tags, response: { 200: personSchema } } },
    async ({ person }) => person,
  )
  app.post(
    '/api/v1/session',
    {
      config: { right: 'open' },
      schema: {
        summary: 'Sign in with a token; sets the cookie',
        tags,
        body: z.object({ token: z.string().min(1).max(1_024) }),
        response: { 200: personSchema },
      },
    },
    async (request, reply) => {
      const person = sessions.redeem(request.body.token)
      const entry = { who: person?.name ?? '', target: '', from: request.ip }
      // not waited for: signing in must go on while the store is away
      void trail.record({ ...entry, what: person ? 'session.begin' : 'session.refuse' })
      if (!person) throw new ApiProblem('UNAUTHENTICATED', 'this token is not valid')
      reply.setCookie(cookieName, sessions.issue(), cookieOptions)
      return person
    },
  )
  app.delete(
    '/api/v1/session',
    { config: { right: 'see' }, schema: { summary: 'Sign out', tags, response: { 204: z.null() } } },
    async (request, reply) => {
      sessions.revoke(request.cookies[cookieName] ?? '')
      void trail.record({ ...askerOf(request), what: 'session.end', target: '' })
      return reply.clearCookie(cookieName, cookieOptions).code(204).send(null)
    },
  )
}
