import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { assigneesResponse, teamBody, teamSchema, teamsResponse } from '#telemetry/assignee.ts'
import { actorOf } from '../audit-log/audit-log.ts'
import { listAssignees } from '../people/assignees.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { RouteParts } from '../server/route-parts.ts'
import { reauthorize } from '../sign-in/caller.ts'

const tags = ['people']
const managed = { right: 'people:manage' } as const
const params = teamSchema.pick({ id: true })

/** Teams, and everybody to whom an alert may be given. */
export function teamRoutes(app: ApiServer, { people, teams, sessions, auditLog }: RouteParts): void {
  const stillAllowed = (request: FastifyRequest) => () => void reauthorize(request, sessions)
  app.get(
    '/api/v1/assignees',
    {
      config: { right: 'alerts:handle' },
      schema: {
        operationId: 'listAssignees',
        summary: 'People and teams to whom an alert may be given',
        tags,
        response: { 200: assigneesResponse },
      },
    },
    async () => listAssignees({ people, teams }),
  )
  app.get(
    '/api/v1/teams',
    {
      config: { right: 'see' },
      schema: { operationId: 'listTeams', summary: 'The teams', tags, response: { 200: teamsResponse } },
    },
    async () => ({ teams: teams.list() }),
  )
  app.post(
    '/api/v1/teams',
    {
      config: { ...managed, errors: ['CONFLICT'] },
      schema: {
        operationId: 'createTeam',
        summary: 'Add a team',
        tags,
        body: teamBody,
        response: { 201: teamSchema },
      },
    },
    async (request, reply) => {
      const team = await teams.add(request.body.name, stillAllowed(request))
      await auditLog.record({ ...actorOf(request), what: 'team.add', target: team.name })
      return reply.code(201).send(team)
    },
  )
  app.patch(
    '/api/v1/teams/:id',
    {
      config: { ...managed, errors: ['NOT_FOUND', 'CONFLICT'] },
      schema: {
        operationId: 'renameTeam',
        summary: 'Give a team another name; alerts given to it keep the name they were given with',
        tags,
        params,
        body: teamBody,
        response: { 200: teamSchema },
      },
    },
    async (request) => {
      const { before, team } = await teams.rename(request.params.id, request.body.name, stillAllowed(request))
      const detail = { name: team.name }
      await auditLog.record({ ...actorOf(request), what: 'team.change', target: before.name, detail })
      return team
    },
  )
  app.delete(
    '/api/v1/teams/:id',
    {
      config: { ...managed, errors: ['NOT_FOUND'] },
      schema: {
        operationId: 'removeTeam',
        summary: 'Remove a team; alerts given to it go on saying so',
        tags,
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const team = await teams.remove(request.params.id, stillAllowed(request))
      await auditLog.record({ ...actorOf(request), what: 'team.remove', target: team.name })
      return reply.code(204).send(null)
    },
  )
}
