import { z } from 'zod'
import { paginateEvents } from '#storage/event-pagination.ts'
import { ownerOf } from '#storage/event-subjects.ts'
import { type AuditEntry, auditEntrySchema, auditLogResponse } from '#telemetry/audit-log.ts'
import { callerNameSchema } from '#telemetry/people.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { timeParameter } from '../server/time-parameter.ts'

/** newest entries of the span that one question looks through */
const maxSearched = 20_000

const query = z.object({
  who: callerNameSchema.optional().describe('name of a person: what they did, and what their keys did'),
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})

/** The audit log, newest first. */
export function auditLogRoutes(app: ApiServer, { store, auditLog }: ServerParts): void {
  app.get(
    '/api/v1/trail',
    {
      config: { right: 'trail:read', cost: 2 },
      schema: {
        operationId: 'listAuditTrail',
        summary: 'Who did what, when and from where',
        tags: ['people'],
        querystring: query,
        response: { 200: auditLogResponse },
      },
    },
    async ({ query: { who, from, to, limit }, queryContext }) => {
      const span = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
      const isOf = (entry: AuditEntry) => who === undefined || entry.who === who || entry.who.startsWith(`${who}/`)
      // looked at first: what the store gets meanwhile is in both, not in neither
      const waiting = auditLog.pending().filter(({ at }) => at >= (from ?? 0) && at < (to ?? Number.POSITIVE_INFINITY))
      const parsed: AuditEntry[] = []
      let looked = 0
      const about = who === undefined ? {} : { subject: ownerOf(who) }
      // one more than is given shows whether there is more
      for await (const page of paginateEvents(
        store,
        { stream: 'audit', ...span, ...about, pageSize: limit + 1 },
        queryContext,
      )) {
        parsed.push(...page.flatMap(({ body }) => auditEntrySchema.safeParse(body).data ?? []).filter(isOf))
        looked += page.length
        if (parsed.length > limit || looked >= maxSearched) break
      }
      const stored = new Set(parsed.map(({ id }) => id))
      const entries = [...waiting.filter(({ id }) => !stored.has(id)), ...parsed]
        .filter(isOf)
        .toSorted((a, b) => b.at - a.at)
      return { entries: entries.slice(0, limit), truncated: entries.length > limit || looked >= maxSearched }
    },
  )
}
