import { z } from 'zod'
import { acceptInvitationBody, changePasswordBody, signInBody } from '#telemetry/accounts.ts'
import { personSchema } from '#telemetry/people.ts'
import { actorOf } from '../audit-log/audit-log.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import type { RouteParts } from '../server/route-parts.ts'
import { reauthorize } from '../sign-in/caller.ts'

const tags = ['session']
const own = { right: 'see' } as const
const open = { right: 'open' } as const

/** Signing in and out, and one's own password. */
export function sessionRoutes(app: ApiServer, { signIn, people, sessions, auditLog }: RouteParts): void {
  app.get(
    '/api/v1/session',
    {
      config: own,
      schema: { operationId: 'getSession', summary: 'Who is signed in', tags, response: { 200: personSchema } },
    },
    async ({ person }) => person,
  )
  app.post(
    '/api/v1/session',
    {
      config: { ...open, errors: ['UNAUTHENTICATED'] },
      schema: {
        operationId: 'signIn',
        summary: 'Sign in with name and password, or with a token; sets the cookie',
        tags,
        body: signInBody,
        response: { 200: personSchema },
      },
    },
    async (request, reply) => signIn.with(request, reply, request.body),
  )
  app.post(
    '/api/v1/session/invitation',
    {
      config: { ...open, errors: ['UNAUTHENTICATED'] },
      schema: {
        operationId: 'acceptInvitation',
        summary: 'Choose a password with a one-time token, and sign in',
        tags,
        body: acceptInvitationBody,
        response: { 200: personSchema },
      },
    },
    async (request, reply) => signIn.byInvitation(request, reply, request.body.token, request.body.password),
  )
  app.put(
    '/api/v1/session/password',
    {
      config: { ...own, errors: ['CONFLICT'] },
      schema: {
        operationId: 'changePassword',
        summary: 'Change one’s own password; every other session ends',
        tags,
        body: changePasswordBody,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      await signIn.changePassword(request, reply, request.body.current, request.body.password)
      return reply.code(204).send(null)
    },
  )
  app.delete(
    '/api/v1/session',
    { config: own, schema: { operationId: 'signOut', summary: 'Sign out', tags, response: { 204: z.null() } } },
    async (request, reply) => {
      await signIn.end(request, reply)
      return reply.code(204).send(null)
    },
  )
  app.delete(
    '/api/v1/sessions',
    {
      config: own,
      schema: { operationId: 'signOutEverywhere', summary: 'Sign out everywhere', tags, response: { 204: z.null() } },
    },
    async (request, reply) => {
      const { account, name } = request.person
      if (account === undefined) throw new ApiProblem('FORBIDDEN', { code: 'KEY_HAS_NO_SESSIONS', params: {} })
      await people.change(account, {}, () => reauthorize(request, sessions))
      await auditLog.record({ ...actorOf(request), what: 'session.end-all', target: name })
      signIn.clearCookie(request, reply)
      return reply.code(204).send(null)
    },
  )
}
