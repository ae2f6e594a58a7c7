import { z } from 'zod'
import { lampOverridesAt } from '#storage/lamp-orders.ts'
import { lampOverridesResponse, maxOverridesOfAnswer } from '#telemetry/lamp-override.ts'
import { idSchema } from '#telemetry/reading-parts.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { timeParameter } from '../server/time-parameter.ts'

const overridesQuery = z.object({
  district: idSchema.optional(),
  at: timeParameter.optional().describe('a moment of the past, instead of now'),
  limit: z.coerce.number().int().min(1).max(maxOverridesOfAnswer).default(1_000),
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
})

/** Lamps that do not follow their schedule but an order. */
export function lampOverrideRoutes(app: ApiServer, { overrides, store, clock }: ServerParts): void {
  app.get(
    '/api/v1/lamps/overrides',
    {
      config: { right: 'see', cost: 2 },
      schema: {
        operationId: 'listLampOverrides',
        summary: 'Lamps that follow a command instead of their schedule',
        description:
          'Manual overrides, the newest first: the order, who gave it, since when, and until when (`order.until`; absent: until the next command). One begins when its lamp has acknowledged the command; it ends at `until`, when the lamp has acknowledged `automatic`, or with the next command. With `at` those of a moment of the past.',
        tags: ['commands'],
        querystring: overridesQuery,
        response: { 200: lampOverridesResponse },
      },
    },
    async ({ query: { district, at, limit, offset }, queryContext }) => {
      const all = at === undefined ? overrides.list() : await lampOverridesAt(store, at, queryContext)
      const found = all.filter((override) => district === undefined || override.district === district)
      return { now: clock(), total: found.length, overrides: found.slice(offset, offset + limit) }
    },
  )
}
