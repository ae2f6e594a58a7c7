import { z } from 'zod'
import { minuteMs } from '#telemetry/durations.ts'
import { handOverHeadSchema, headOf, newHandOverBody, shiftEntryIdSchema } from '#telemetry/shift-log.ts'
import { handOverResponse, handOversResponse, snapshotResponse } from '#telemetry/shift-rest.ts'
import { actorOf } from '../audit-log/audit-log.ts'
import { OneTimeClaims } from '../people/one-time-claims.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { timeParameter } from '../server/time-parameter.ts'
import { checkPerson } from '../shift-log/check-person.ts'
import { readNotesOf } from '../shift-log/hand-over-notes.ts'
import { createSnapshot } from '../shift-log/hand-over-snapshot.ts'
import { findHandOver, readHandOvers } from '../shift-log/read-entries.ts'
import { signHandOver } from '../shift-log/sign-hand-over.ts'

const tags = ['shift']
/** ms for which nobody signs the same hand-over again, also when the process that was signing it ended before it was recorded */
const claimKeptMs = 2 * minuteMs
/** bytes: a hand-over fits with all of its lists full, and all comments as long as they may be */
const bodyLimit = 6_000_000

const query = z.object({
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})

/** Shift hand-overs: what one lists now, signing it, and those that were signed. */
export function handOverRoutes(app: ApiServer, parts: ServerParts): void {
  const { store, shiftLog, snapshotSeal, auditLog, clock } = parts
  const claims = new OneTimeClaims({ store, log: app.log, clock, collection: 'hand-over-claim', keptMs: claimKeptMs })
  app.get(
    '/api/v1/shift-log/snapshot',
    {
      config: { right: 'see', cost: 4 },
      schema: {
        operationId: 'getHandOverSnapshot',
        summary: 'What a shift hand-over lists now: open, shelved, offline, noted',
        description: 'Who takes over reads it and signs it by sending `snapshot` and `seal` back as they are.',
        tags,
        response: { 200: snapshotResponse },
      },
    },
    async ({ queryContext }) => {
      const { snapshot, notes } = await createSnapshot(parts, queryContext)
      return { snapshot, notes, seal: snapshotSeal.of(snapshot) }
    },
  )
  app.get(
    '/api/v1/shift-log/hand-overs',
    {
      config: { right: 'see', cost: 4 },
      schema: {
        operationId: 'listHandOvers',
        summary: 'Hand-overs that were signed, newest first',
        tags,
        querystring: query,
        response: { 200: handOversResponse },
      },
    },
    async ({ query: asked, queryContext }) => readHandOvers(store, asked, queryContext),
  )
  app.get(
    '/api/v1/shift-log/hand-overs/:id',
    {
      config: { right: 'see', cost: 2, errors: ['NOT_FOUND'] },
      schema: {
        operationId: 'getHandOver',
        summary: 'One hand-over as it was signed, with the notes it listed',
        tags,
        params: z.object({ id: shiftEntryIdSchema }),
        response: { 200: handOverResponse },
      },
    },
    async ({ params: { id }, queryContext }) => {
      const handOver = await findHandOver(store, id, queryContext)
      if (!handOver) throw new ApiProblem('NOT_FOUND', { code: 'NO_SUCH_HAND_OVER', params: { id } })
      return { handOver, notes: await readNotesOf(store, handOver.snapshot, queryContext) }
    },
  )
  app.post(
    '/api/v1/shift-log/hand-overs',
    {
      config: { right: 'shift:write', errors: ['CONFLICT'] },
      bodyLimit,
      schema: {
        operationId: 'signHandOver',
        summary: 'Take over: sign what was read',
        description:
          'Who signs is on duty from then on, and those in `from` are not. 409 `CONFLICT` when a critical alert or a note came since it was read (`HAND_OVER_CHANGED`), when somebody else signed meanwhile, or when it was read more than 60 minutes ago: read it anew.',
        tags,
        body: newHandOverBody,
        response: { 201: handOverHeadSchema },
      },
    },
    async (request, reply) => {
      const by = checkPerson(request.person)
      const snapshotNow = async () => (await createSnapshot(parts, request.queryContext)).snapshot
      const handOver = await signHandOver({ shiftLog, claims, seal: snapshotSeal, snapshotNow }, by, request.body)
      const { id, from, comment } = handOver
      await auditLog.record({
        ...actorOf(request),
        what: 'shift.hand-over',
        target: id,
        detail: { handedBy: from, comment },
      })
      return reply.code(201).send(headOf(handOver))
    },
  )
}
