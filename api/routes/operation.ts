import { z } from 'zod'
import { healthFaultCodes } from '#telemetry/health-faults.ts'
import { healthSchema } from '#telemetry/live.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'

const tags = ['operation']
// a load balancer or scraper that adds a parameter of its own must not take the platform for dead
const others = { parameters: 'any' } as const
const upOrDown = z.enum(['up', 'down'])
const readiness = z.object({
  ready: z.boolean(),
  broker: upOrDown,
  store: upOrDown,
  faults: z.array(z.enum(healthFaultCodes)).describe('what else is wrong with the parts of this process'),
  now: healthSchema.shape.now,
})
const word = (well: boolean) => (well ? ('up' as const) : ('down' as const))

/** For those who run the platform: liveness, readiness, metrics. */
export function operationRoutes(app: ApiServer, { health, registry }: ServerParts): void {
  app.get(
    '/health/live',
    {
      config: { right: 'open', ...others },
      schema: {
        operationId: 'getLiveness',
        summary: 'Whether the process answers',
        tags,
        response: { 200: z.object({ live: z.literal(true) }) },
      },
    },
    async () => ({ live: true as const }),
  )
  app.get(
    '/health/ready',
    {
      config: { right: 'open', ...others },
      schema: {
        operationId: 'getReadiness',
        summary: 'Whether broker and store answer, and readings get into the store',
        tags,
        response: { 200: readiness, 503: readiness },
      },
    },
    async (_request, reply) => {
      const { faults, isReady: ready } = health
      const { broker, store, now } = health.now
      return reply.code(ready ? 200 : 503).send({ ready, broker: word(broker), store: word(store), faults, now })
    },
  )
  app.get(
    '/metrics',
    {
      config: { right: 'loopback', ...others },
      schema: {
        operationId: 'getMetrics',
        summary: 'Prometheus metrics',
        tags,
        response: { 200: z.string() },
        produces: ['text/plain'],
      },
    },
    async (_request, reply) =>
      reply
        .type(registry.contentType)
        .serializer(String)
        .send(await registry.metrics()),
  )
}
