import { z } from 'zod'
import { dayMs } from '#telemetry/durations.ts'
import {
  type Correction,
  correctionSchema,
  type Duty,
  dutyBody,
  type Note,
  newCorrectionBody,
  newNoteBody,
  noteSchema,
} from '#telemetry/shift-log.ts'
import { shiftLogResponse, shiftStateSchema } from '#telemetry/shift-rest.ts'
import { actorOf } from '../audit-log/audit-log.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { timeParameter } from '../server/time-parameter.ts'
import { checkPerson } from '../shift-log/check-person.ts'
import { newEntryId } from '../shift-log/entry-id.ts'
import { nameAttachment } from '../shift-log/note-attachment.ts'
import { findNote, readLog } from '../shift-log/read-entries.ts'

const tags = ['shift']
/** ms before now of which a note may tell, where the last hand-over is longer ago, or there was none */
const longestShiftMs = dayMs
/** ms by which the clock of who writes may be ahead */
const aheadMs = 60_000

const query = z.object({
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})

/** The shift log: who is on duty, and notes. Nothing of it is ever changed: it is only added to. */
export function shiftLogRoutes(app: ApiServer, parts: ServerParts): void {
  const { store, shiftLog, auditLog, clock } = parts
  app.get(
    '/api/v1/shift-log',
    {
      config: { right: 'see', cost: 2 },
      schema: {
        operationId: 'listShiftLog',
        summary: 'The shift log: notes, duty, hand-overs, newest first',
        description: 'For more, ask with `to` of the `at` of the last entry.',
        tags,
        querystring: query,
        response: { 200: shiftLogResponse },
      },
    },
    async ({ query: asked, queryContext }) => readLog(store, asked, queryContext),
  )
  app.post(
    '/api/v1/shift-log/duty',
    {
      config: { right: 'shift:write' },
      schema: {
        operationId: 'changeDuty',
        summary: 'Take the duty, leave it, or take somebody off who forgot to',
        description: 'Answers who is on duty then. What is so already stays as it is.',
        tags,
        body: dutyBody,
        response: { 200: shiftStateSchema },
      },
    },
    async (request) => {
      const by = checkPerson(request.person)
      const { step, person = by } = request.body
      if (step === 'begin' && person !== by) throw new ApiProblem('FORBIDDEN', { code: 'DUTY_OF_ANOTHER', params: {} })
      const entries = await shiftLog.append((nextTime): Duty[] => {
        if (shiftLog.isOnDuty(person) === (step === 'begin')) return []
        const at = nextTime()
        return [{ type: 'duty', id: newEntryId(at), at, by, person, step }]
      })
      if (entries.length > 0) await auditLog.record({ ...actorOf(request), what: `shift.duty-${step}`, target: person })
      return shiftLog.state
    },
  )
  app.post(
    '/api/v1/shift-log/notes',
    {
      config: { right: 'shift:write', errors: ['NOT_FOUND', 'UNKNOWN_SENSOR'] },
      schema: {
        operationId: 'createShiftNote',
        summary: 'Write a note, perhaps about an alert, a sensor or a place',
        description:
          '`happenedAt` is now when it is absent; it may be earlier, back to the last hand-over, and at most 24 h. A note is never changed: correct it by a correction.',
        tags,
        body: newNoteBody,
        response: { 201: noteSchema },
      },
    },
    async (request, reply) => {
      const { text, happenedAt = clock(), attachment } = request.body
      const about = attachment && (await nameAttachment(parts, attachment, request.queryContext))
      const [note] = await shiftLog.append((nextTime) => {
        const at = nextTime()
        const earliest = Math.max(shiftLog.lastHandOver?.at ?? 0, at - longestShiftMs)
        // a field of a form holds no seconds
        if (happenedAt < Math.floor(earliest / 60_000) * 60_000 || happenedAt > at + aheadMs)
          throw new ApiProblem('INVALID_REQUEST', {
            path: 'body.happenedAt',
            code: 'NOT_IN_SHIFT',
            params: {},
          })
        const entry: Note = {
          ...{ type: 'note', id: newEntryId(at), at, by: request.person.name, text },
          happenedAt: Math.min(happenedAt, at),
          ...(about && { attachment: about }),
        }
        return [entry] as const
      })
      await auditLog.record({ ...actorOf(request), what: 'shift.note', target: note.id })
      return reply.code(201).send(note)
    },
  )
  app.post(
    '/api/v1/shift-log/corrections',
    {
      config: { right: 'shift:write', errors: ['NOT_FOUND'] },
      schema: {
        operationId: 'correctShiftNote',
        summary: 'Correct a note: the older text stays, struck through',
        tags,
        body: newCorrectionBody,
        response: { 201: correctionSchema },
      },
    },
    async (request, reply) => {
      const { corrects, text } = request.body
      if (!(await findNote(store, corrects, request.queryContext)))
        throw new ApiProblem('NOT_FOUND', { code: 'NO_SUCH_NOTE', params: { id: corrects } })
      const [correction] = await shiftLog.append((nextTime) => {
        const at = nextTime()
        const entry: Correction = {
          type: 'correction',
          id: newEntryId(at),
          at,
          by: request.person.name,
          corrects,
          text,
        }
        return [entry] as const
      })
      await auditLog.record({ ...actorOf(request), what: 'shift.correction', target: corrects })
      return reply.code(201).send(correction)
    },
  )
}
