import { z } from 'zod'
import { readFilePoints } from '#history/corrections/correction-log.ts'
import {
  correctionDryRunBody,
  correctionDryRunResponse,
  correctionEntrySchema,
  correctionResponse,
  correctionsResponse,
  maxCorrectionsOfAnswer,
  newCorrectionBody,
  undoBody,
  verdictBody,
} from '#telemetry/data-corrections.ts'
import { idSchema } from '#telemetry/reading-parts.ts'
import { actorOf } from '../audit-log/audit-log.ts'
import { checkCorrection } from '../corrections/check-correction.ts'
import { dryRunCorrection } from '../corrections/dry-run.ts'
import { entryOf, listEntries } from '../corrections/find-entries.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { timeParameter } from '../server/time-parameter.ts'
import { findSensor } from './history.ts'

const tags = ['corrections']
/** bytes: a file fits */
const bodyLimit = 1_000_000

const idParams = z.object({ id: idSchema })
const query = z.object({
  sensor: idSchema.optional(),
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  before: timeParameter.optional().describe('entries recorded before this time'),
  limit: z.coerce.number().int().min(1).max(maxCorrectionsOfAnswer).default(100),
})

/** What people decide about readings: nothing of it is ever changed, it is only added to; the readings stay as they are. */
export function correctionRoutes(app: ApiServer, parts: ServerParts): void {
  const { store, corrections, auditLog, clock } = parts
  app.get(
    '/api/v1/corrections',
    {
      config: { right: 'see', cost: 4 },
      schema: {
        operationId: 'listCorrections',
        summary: 'Corrections of readings, and their undoings, newest first',
        description:
          '`from` and `to`: those about a part of that span. For more, ask with `before` of the `at` of the last entry.',
        tags,
        querystring: query,
        response: { 200: correctionsResponse },
      },
    },
    async ({ query: asked, queryContext }) => ({
      ...(await listEntries(store, asked, queryContext)),
      needConfirmation: corrections.needConfirmation,
    }),
  )
  app.get(
    '/api/v1/corrections/:id',
    {
      config: { right: 'see', cost: 2, errors: ['NOT_FOUND'] },
      schema: {
        operationId: 'getCorrection',
        summary: 'One entry, and the points of its file',
        tags,
        params: idParams,
        response: { 200: correctionResponse },
      },
    },
    async ({ params, queryContext }) => {
      const entry = await entryOf(store, params.id, queryContext)
      if (entry.type !== 'correction' || entry.change.type !== 'file') return { entry }
      return {
        entry,
        points: (await readFilePoints(store, entry, queryContext)).map(([ts, value]): [number, number] => [ts, value]),
      }
    },
  )
  app.post(
    '/api/v1/corrections/dry-run',
    {
      bodyLimit,
      config: {
        ...{ right: 'data:correct', cost: 8 },
        errors: [
          ...(['UNKNOWN_SENSOR', 'UNKNOWN_VALUE', 'NOT_NUMERIC', 'EMPTY_SPAN', 'SPAN_TOO_LONG'] as const),
          ...(['NOT_FOUND', 'CONFLICT'] as const),
        ],
      },
      schema: {
        operationId: 'dryRunCorrection',
        summary: 'What a correction, or confirming or undoing one, would change',
        description:
          'How many readings, their mean before and after, which hours and days. Nothing is changed. `seen` goes back with the correction, so that it is refused when somebody corrects the same meanwhile.',
        tags,
        body: correctionDryRunBody,
        response: { 200: correctionDryRunResponse },
      },
    },
    async ({ body, queryContext }) => dryRunCorrection(parts, body, queryContext),
  )
  app.post(
    '/api/v1/corrections',
    {
      bodyLimit,
      config: {
        right: 'data:correct',
        errors: ['UNKNOWN_SENSOR', 'UNKNOWN_VALUE', 'NOT_NUMERIC', 'EMPTY_SPAN', 'SPAN_TOO_LONG', 'CONFLICT'],
      },
      schema: {
        operationId: 'createCorrection',
        summary: 'Correct readings: leave a span out, or change it by a factor and offset, or by a file',
        description:
          'Of entries about the same readings the last one counts alone. All figures follow at once. The entry waits for a second person where `CORRECTIONS_NEED_CONFIRMATION` says so (`state`).',
        tags,
        body: newCorrectionBody,
        response: { 201: correctionEntrySchema },
      },
    },
    async (request, reply) => {
      const { reason, seen, ...given } = request.body
      const { kind } = findSensor(parts, given.sensor)
      const checked = checkCorrection(given, kind, clock())
      const entry = await corrections.correct(checked, { by: request.person.name, reason, seen })
      const { id, sensor, value } = entry
      const detail = { entry: id, ...(value !== undefined && { value }), reason }
      await auditLog.record({ ...actorOf(request), what: 'data.correct', target: sensor, detail })
      return reply.code(201).send({ ...entry, state: entry.needsConfirmation ? 'waiting' : 'in-force' })
    },
  )
  app.post(
    '/api/v1/corrections/:id/undo',
    {
      config: { right: 'data:correct', errors: ['NOT_FOUND', 'CONFLICT'] },
      schema: {
        operationId: 'undoCorrection',
        summary: 'Undo an entry by another one, or withdraw one’s own that waits',
        tags,
        params: idParams,
        body: undoBody,
        response: { 201: correctionEntrySchema },
      },
    },
    async (request, reply) => {
      const { reason } = request.body
      const entry = await corrections.undo(request.params.id, { by: request.person.name, reason })
      const detail = { entry: entry.id, undoes: entry.undoes, reason }
      await auditLog.record({ ...actorOf(request), what: 'data.undo', target: entry.sensor, detail })
      return reply.code(201).send({ ...entry, state: entry.needsConfirmation ? 'waiting' : 'in-force' })
    },
  )
  const decisions = [
    { path: 'confirm', verdict: 'confirmed', what: 'data.confirm', operationId: 'confirmCorrection', verb: 'Confirm' },
    { path: 'reject', verdict: 'rejected', what: 'data.reject', operationId: 'rejectCorrection', verb: 'Reject' },
  ] as const
  for (const { path, verdict, what, operationId, verb } of decisions)
    app.post(
      `/api/v1/corrections/:id/${path}`,
      {
        config: { right: 'data:correct', errors: ['NOT_FOUND', 'CONFLICT'] },
        schema: {
          operationId,
          summary: `${verb} an entry of somebody else that waits for a second person`,
          tags,
          params: idParams,
          body: verdictBody,
          response: { 200: correctionEntrySchema },
        },
      },
      async (request) => {
        const { comment } = request.body
        const by = request.person.name
        const entry = await corrections.decide(request.params.id, { by, verdict, comment })
        await auditLog.record({ ...actorOf(request), what, target: entry.sensor, detail: { entry: entry.id, comment } })
        return entry
      },
    )
}
