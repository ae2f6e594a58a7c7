import type { FastifyRequest } from 'fastify'
import type { AlertRequest } from '#telemetry/alert-requests.ts'
import { acknowledgeBody, alertsChangedResponse, maxShelfMs, shelveBody, unshelveBody } from '#telemetry/alert-rest.ts'
import { minuteMs } from '#telemetry/durations.ts'
import { actorOf } from '../audit-log/audit-log.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import type { ServerParts } from '../server/route-parts.ts'

const tags = ['alerts']
/** bytes: a selection of a thousand ids fits */
const bodyLimit = 65_536

/** Operator actions: to acknowledge, shelve and unshelve alerts. Each is recorded in the audit log. */
export function alertActionRoutes(app: ApiServer, { alerts, auditLog, clock }: ServerParts): void {
  const actOnAlerts = async (
    request: FastifyRequest,
    what: `alert.${'acknowledge' | 'shelve' | 'unshelve'}`,
    ask: AlertRequest & { ids: string[]; comment: string },
  ) => {
    const answer = alertsChangedResponse.parse(await alerts.ask(ask))
    const detail = { comment: ask.comment }
    await Promise.all(
      answer.changed.map(({ id }) => auditLog.record({ ...actorOf(request), what, target: id, detail })),
    )
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
    async (request) =>
      actOnAlerts(request, 'alert.acknowledge', { type: 'acknowledge', ...request.body, by: request.person.name }),
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
      return actOnAlerts(request, 'alert.shelve', { type: 'shelve', ids, comment, until, by: request.person.name })
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
    async (request) =>
      actOnAlerts(request, 'alert.unshelve', { type: 'unshelve', ...request.body, by: request.person.name }),
  )
}
