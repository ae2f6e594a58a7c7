import { z } from 'zod'
import { personSchema } from '#telemetry/people.ts'
import type { ApiServer, RouteParts } from '../server.ts'

const tags = ['session']

/** Signing in and out. */
export function sessionRoutes(app: ApiServer, { signIn }: RouteParts): void {
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
    async (request, reply) => signIn.byToken(request, reply, request.body.token),
  )
  app.delete(
    '/api/v1/session',
    { config: { right: 'see' }, schema: { summary: 'Sign out', tags, response: { 204: z.null() } } },
    async (request, reply) => {
      signIn.end(request, reply)
      return reply.code(204).send(null)
    },
  )
}
