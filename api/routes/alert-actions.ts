import type { FastifyRequest } from 'fastify'
import type { AlertRequest } from '#telemetry/alert-requests.ts'
import {
  acknowledgeBody,
  alertsChangedResponse,
  assignBody,
  maxShelfMs,
  shelveBody,
  unassignBody,
  unshelveBody,
} from '#telemetry/alert-rest.ts'
import type { AuditedAction } from '#telemetry/audit-actions.ts'
import { minuteMs } from '#telemetry/durations.ts'
import { actorOf } from '../audit-log/audit-log.ts'
import { findAssignee } from '../people/assignees.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import type { ServerParts } from '../server/route-parts.ts'

const tags = ['alerts']
/** bytes: a selection of a thousand ids fits */
const bodyLimit = 65_536

/** Operator actions: to acknowledge, assign and shelve alerts, and what undoes them. Each is recorded in the audit log. */
export function alertActionRoutes(app: ApiServer, parts: ServerParts): void {
  const { alerts, auditLog, clock } = parts
  const actOnAlerts = async (
    request: FastifyRequest,
    ask: AlertRequest & { ids: string[]; comment: string },
    done: AuditedAction,
  ) => {
    const answer = alertsChangedResponse.parse(await alerts.ask(ask))
    await Promise.all(answer.changed.map(({ id }) => auditLog.record({ ...actorOf(request), target: id, ...done })))
    return answer
  }
  app.post(
    '/api/v1/alerts/acknowledge',
    {
      config: { right: 'alerts:handle', errors: ['UNREACHABLE'] },
      bodyLimit,
      schema: {
        operationId: 'acknowledgeAlerts',
        summary: 'Acknowledge a selection with one comment',
        description: 'Answers once it is on disk; 503 when it is not known to be.',
        tags,
        body: acknowledgeBody,
        response: { 200: alertsChangedResponse },
      },
    },
    async (request) => {
      const { body, person } = request
      const detail = { comment: body.comment }
      const ask = { type: 'acknowledge', ...body, by: person.name } as const
      return actOnAlerts(request, ask, { what: 'alert.acknowledge', detail })
    },
  )
  app.post(
    '/api/v1/alerts/assign',
    {
      config: { right: 'alerts:handle', errors: ['UNREACHABLE'] },
      bodyLimit,
      schema: {
        operationId: 'assignAlerts',
        summary: 'Give a selection to a person or a team, with one note',
        description:
          'Also to another one than before. `to` is one of those that `GET /api/v1/assignees` lists; each alert keeps the name of then. An alert that is given to them already, with the same note, is unchanged.',
        tags,
        body: assignBody,
        response: { 200: alertsChangedResponse },
      },
    },
    async (request) => {
      const { body, person } = request
      const assignee = findAssignee(body.to, parts)
      if (!assignee)
        throw new ApiProblem('INVALID_REQUEST', { path: 'body.to', code: 'NO_SUCH_ASSIGNEE', params: { to: body.to } })
      const { name } = assignee
      const ask = { type: 'assign', ...body, name, by: person.name } as const
      return actOnAlerts(request, ask, { what: 'alert.assign', detail: { to: name, comment: body.comment } })
    },
  )
  app.post(
    '/api/v1/alerts/unassign',
    {
      config: { right: 'alerts:handle', errors: ['UNREACHABLE'] },
      bodyLimit,
      schema: {
        operationId: 'unassignAlerts',
        summary: 'Take a selection from whom it was given to',
        tags,
        body: unassignBody,
        response: { 200: alertsChangedResponse },
      },
    },
    async (request) => {
      const { body, person } = request
      const ask = { type: 'unassign', ...body, by: person.name } as const
      return actOnAlerts(request, ask, { what: 'alert.unassign', detail: { comment: body.comment } })
    },
  )
  app.post(
    '/api/v1/alerts/shelve',
    {
      config: { right: 'alerts:handle', errors: ['UNREACHABLE'] },
      bodyLimit,
      schema: {
        operationId: 'shelveAlerts',
        summary: 'Put a selection aside for a time; it returns by itself',
        description:
          'All or none. A critical alert (priority 1) is shelved only with a reason in `comment`: without one the answer is 400 with the fault `REASON_NEEDED`, which names the critical ones.',
        tags,
        body: shelveBody,
        response: { 200: alertsChangedResponse },
      },
    },
    async (request) => {
      const { ids, comment, minutes = 0 } = request.body
      const until = request.body.until ?? clock() + minutes * minuteMs
      if (until <= clock() || until > clock() + maxShelfMs)
        throw new ApiProblem('INVALID_REQUEST', { path: 'body.until', code: 'NOT_IN_NEXT_WEEK', params: {} })
      const ask = { type: 'shelve', ids, comment, until, by: request.person.name } as const
      return actOnAlerts(request, ask, { what: 'alert.shelve', detail: { comment } })
    },
  )
  app.post(
    '/api/v1/alerts/unshelve',
    {
      config: { right: 'alerts:handle', errors: ['UNREACHABLE'] },
      bodyLimit,
      schema: {
        operationId: 'unshelveAlerts',
        summary: 'Take a selection back before its time',
        tags,
        body: unshelveBody,
        response: { 200: alertsChangedResponse },
      },
    },
    async (request) => {
      const { body, person } = request
      const ask = { type: 'unshelve', ...body, by: person.name } as const
      return actOnAlerts(request, ask, { what: 'alert.unshelve', detail: { comment: body.comment } })
    },
  )
}
