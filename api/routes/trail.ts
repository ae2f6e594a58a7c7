import { z } from 'zod'
import { trailEntrySchema, trailResponse } from '#telemetry/trail.ts'
import type { ApiServer, ServerParts } from '../server.ts'
import { timeParameter } from '../times.ts'

/** newest entries of the span that one question looks through */
const maxSearched = 20_000

const query = z.object({
  who: z.string().min(1).max(100).optional().describe('name of a person: what they did, and what their keys did'),
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})

/** The audit trail, newest first. */
export function trailRoutes(app: ApiServer, { store, trail, log }: ServerParts): void {
  app.get(
    '/api/v1/trail',
    {
      config: { right: 'trail:read' },
      schema: {
        summary: 'Who did what, when and from where',
        tags: ['people'],
        querystring: query,
        response: { 200: trailResponse },
      },
    },
    async ({ query: { who, from, to, limit } }) => {
      const span = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
      // one more than is given tells whether there is more
      const searched = who === undefined ? limit + 1 : maxSearched
      // looked at first: what the store gets meanwhile is in both, not in neither
      const waiting = trail.waiting().filter(({ at }) => at >= (from ?? 0) && at < (to ?? Number.POSITIVE_INFINITY))
      const events = await store.readEvents({ stream: 'audit', limit: searched, ...span })
      const parsed = events.flatMap(({ body }) => trailEntrySchema.safeParse(body).data ?? [])
      if (parsed.length < events.length)
        log.warn({ foreign: events.length - parsed.length }, 'the trail holds entries of another shape: left out')
      const stored = new Set(parsed.map(({ id }) => id))
      const entries = [...waiting.filter(({ id }) => !stored.has(id)), ...parsed]
        .filter((entry) => who === undefined || entry.who === who || entry.who.startsWith(`${who}/`))
        .toSorted((a, b) => b.at - a.at)
      return { entries: entries.slice(0, limit), truncated: entries.length > limit || events.length === searched }
    },
  )
}
