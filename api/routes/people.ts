import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  changedPersonBody,
  invitedPersonResponse,
  listedPersonSchema,
  newPersonBody,
  peopleResponse,
} from '#telemetry/accounts.ts'
import { type Person, type PersonRole, rightsOfRole } from '#telemetry/people.ts'
import { actorOf } from '../audit-log/audit-log.ts'
import { type Account, firstAdmin, listed } from '../people/account.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import type { RouteParts } from '../server/route-parts.ts'
import { reauthorize } from '../sign-in/caller.ts'

const tags = ['people']
const config = { right: 'people:manage' } as const
const params = z.object({ id: z.string().regex(/^[a-z0-9-]{1,64}$/) })

const invited = ({ account, token, until }: { account: Account; token: string; until: number }) => ({
  person: listed(account),
  invitation: { token, until },
})

/** Nobody makes somebody, or changes somebody, who may do more than they may themselves: a program's key has few rights. @throws ApiProblem FORBIDDEN */
function requireRightsOf(role: PersonRole, { rights }: Person): void {
  const missing = rightsOfRole[role].filter((right) => !rights.includes(right))
  if (missing.length > 0)
    throw new ApiProblem('FORBIDDEN', { code: 'RIGHTS_BEYOND_OWN', params: { role, rights: missing } })
}

/** People: who may sign in, and with which role. */
export function peopleRoutes(app: ApiServer, { people, sessions, auditLog }: RouteParts): void {
  /** Asked in a change's own turn: two admins who demote each other at once are one who does. @throws ApiProblem */
  const mayChange = (request: FastifyRequest, role: PersonRole) => requireRightsOf(role, reauthorize(request, sessions))
  app.get(
    '/api/v1/people',
    {
      config,
      schema: {
        operationId: 'listPeople',
        summary: 'Everybody who may sign in',
        tags,
        response: { 200: peopleResponse },
      },
    },
    async () => ({ people: people.list().map(listed) }),
  )
  app.post(
    '/api/v1/people',
    {
      config: { ...config, errors: ['CONFLICT'] },
      schema: {
        operationId: 'createPerson',
        summary: 'Let somebody in: gives a one-time token with which they choose a password',
        tags,
        body: newPersonBody,
        response: { 201: invitedPersonResponse },
      },
    },
    async (request, reply) => {
      const { name, role } = request.body
      requireRightsOf(role, request.person)
      const added = await people.add(name, role, () => mayChange(request, role))
      await auditLog.record({ ...actorOf(request), what: 'person.add', target: name, detail: { role } })
      return reply.code(201).send(invited(added))
    },
  )
  app.patch(
    '/api/v1/people/:id',
    {
      config: { ...config, errors: ['NOT_FOUND', 'CONFLICT'] },
      schema: {
        operationId: 'updatePerson',
        summary: 'Change somebody’s role, or keep them out; their sessions end',
        tags,
        params,
        body: changedPersonBody,
        response: { 200: listedPersonSchema },
      },
    },
    async (request) => {
      const { id } = request.params
      if (id === firstAdmin.id) throw new ApiProblem('CONFLICT', { code: 'ADMIN_IS_FIXED', params: {} })
      if (id === request.person.account) throw new ApiProblem('CONFLICT', { code: 'NOT_ONESELF', params: {} })
      const { role, disabled } = request.body
      const change = { ...(role === undefined ? {} : { role }), ...(disabled === undefined ? {} : { disabled }) }
      if (role !== undefined) requireRightsOf(role, request.person)
      const account = await people.change(id, change, (found) => {
        mayChange(request, found.role)
        if (role !== undefined) mayChange(request, role)
      })
      await auditLog.record({ ...actorOf(request), what: 'person.change', target: account.name, detail: change })
      return listed(account)
    },
  )
  app.post(
    '/api/v1/people/:id/invitation',
    {
      config: { ...config, errors: ['NOT_FOUND', 'CONFLICT'] },
      schema: {
        operationId: 'createInvitation',
        summary: 'Give somebody a new one-time token; their password no longer counts, their sessions end',
        tags,
        params,
        response: { 200: invitedPersonResponse },
      },
    },
    async (request) => {
      const answer = await people.invite(request.params.id, ({ role }) => mayChange(request, role))
      await auditLog.record({ ...actorOf(request), what: 'person.invite', target: answer.account.name })
      return invited(answer)
    },
  )
  app.delete(
    '/api/v1/people/:id/sessions',
    {
      config: { ...config, errors: ['NOT_FOUND'] },
      schema: {
        operationId: 'endSessionsOfPerson',
        summary: 'Sign somebody out everywhere',
        tags,
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const account = await people.change(request.params.id, {}, ({ role }) => mayChange(request, role))
      await auditLog.record({ ...actorOf(request), what: 'session.end-all', target: account.name })
      return reply.code(204).send(null)
    },
  )
}
