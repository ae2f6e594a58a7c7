import { z } from 'zod'
import { keysResponse, newKeyBody, newKeyResponse } from '#telemetry/accounts.ts'
import type { Person } from '#telemetry/people.ts'
import { actorOf } from '../audit-log/audit-log.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import type { RouteParts } from '../server/route-parts.ts'
import { reauthorize } from '../sign-in/caller.ts'

const tags = ['keys']
const config = { right: 'keys:manage' } as const

/** Who may not look after people sees and ends only keys of their own. */
const ownOnly = (person: Person) => (person.rights.includes('people:manage') ? undefined : (person.account ?? ''))

/** Keys of programs. */
export function keyRoutes(app: ApiServer, { keys, people, sessions, auditLog }: RouteParts): void {
  app.get(
    '/api/v1/keys',
    {
      config,
      schema: {
        operationId: 'listKeys',
        summary: 'Keys of programs: one’s own, or all for an admin',
        tags,
        response: { 200: keysResponse },
      },
    },
    async ({ person }) => ({ keys: keys.list(ownOnly(person)) }),
  )
  app.post(
    '/api/v1/keys',
    {
      config: { ...config, errors: ['CONFLICT'] },
      schema: {
        operationId: 'createKey',
        summary: 'Make a key with some of one’s own rights; the token is shown once',
        tags,
        body: newKeyBody,
        response: { 201: newKeyResponse },
      },
    },
    async (request, reply) => {
      const made = await keys.add(() => {
        const maker = people.get(reauthorize(request, sessions).account ?? '')
        if (!maker) throw new ApiProblem('FORBIDDEN', { code: 'KEY_MAKES_NO_KEYS', params: {} })
        return maker
      }, request.body)
      const { name, rights, until } = made.key
      await auditLog.record({ ...actorOf(request), what: 'key.add', target: name, detail: { rights, until } })
      return reply.code(201).send(made)
    },
  )
  app.delete(
    '/api/v1/keys/:id',
    {
      config: { ...config, errors: ['NOT_FOUND'] },
      schema: {
        operationId: 'revokeKey',
        summary: 'End a key',
        tags,
        params: z.object({ id: z.string().regex(/^[0-9a-f]{12}$/) }),
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { name } = await keys.revoke(request.params.id, () => ownOnly(reauthorize(request, sessions)))
      await auditLog.record({ ...actorOf(request), what: 'key.revoke', target: name })
      return reply.code(204).send(null)
    },
  )
}
