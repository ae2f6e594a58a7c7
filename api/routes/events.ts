import { z } from 'zod'
import type { EventStream } from '#storage/store.ts'
import { quarantinedSchema, quarantineResponse } from '#telemetry/rest.ts'
import type { ApiServer, ServerParts } from '../server.ts'
import { timeParameter } from '../times.ts'

const eventsQuery = z.object({
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})

async function read({ store }: ServerParts, stream: EventStream, query: z.infer<typeof eventsQuery>) {
  const { from, to, limit } = query
  const span = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  const [total, events] = await Promise.all([store.countEvents(stream), store.readEvents({ stream, limit, ...span })])
  return { total, events }
}

/** What the store keeps besides readings, newest first; `total` counts everything kept. */
export function eventRoutes(app: ApiServer, parts: ServerParts): void {
  const tags = ['events']
  app.get(
    '/api/v1/quarantine',
    {
      config: { right: 'quarantine:see' },
      schema: {
        summary: 'Messages that did not validate',
        tags,
        querystring: eventsQuery,
        response: { 200: quarantineResponse },
      },
    },
    async ({ query }) => {
      const { total, events } = await read(parts, 'quarantine', query)
      const parsed = events.map(({ body }) => quarantinedSchema.safeParse(body))
      const foreign = parsed.filter(({ success }) => !success).length
      if (foreign > 0) parts.log.warn({ foreign }, 'the store holds quarantine events of another shape: left out')
      return { total, entries: parsed.flatMap(({ data }) => (data ? [data] : [])) }
    },
  )
}
