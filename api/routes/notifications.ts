import { z } from 'zod'
import { notificationsResponse } from '#telemetry/alert-rest.ts'
import { actorOf } from '../audit-log/audit-log.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'

const tags = ['alerts']

/** Messages to the outside that could not be delivered. */
export function notificationRoutes(app: ApiServer, { alerts, auditLog }: ServerParts): void {
  app.get(
    '/api/v1/notifications',
    {
      config: { right: 'rules:edit', errors: ['UNREACHABLE'] },
      schema: {
        operationId: 'listUndeliveredNotifications',
        summary: 'Webhooks and e-mails that could not be delivered',
        tags,
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(1_000).default(100) }),
        response: { 200: notificationsResponse },
      },
    },
    async ({ query: { limit } }) =>
      alerts.fetchList({ type: 'notifications', limit }, notificationsResponse, 'notifications'),
  )
  app.post(
    '/api/v1/notifications/:id/replay',
    {
      config: { right: 'rules:edit', errors: ['NOT_FOUND', 'UNREACHABLE'] },
      schema: {
        operationId: 'redeliverNotification',
        summary: 'Try to deliver one again',
        tags,
        params: z.object({ id: z.string().min(1).max(64) }),
        response: { 202: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await alerts.ask({ type: 'replay-notification', id })
      await auditLog.record({ ...actorOf(request), what: 'notification.replay', target: id })
      return reply.code(202).send(null)
    },
  )
}
