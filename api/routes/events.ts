import { z } from 'zod'
import { paginateEvents } from '#storage/event-pagination.ts'
import type { QueryContext } from '#storage/store.ts'
import { type Quarantined, quarantinedSchema, quarantineResponse } from '#telemetry/quarantine-rest.ts'
import { idSchema } from '#telemetry/reading-parts.ts'
import { sensorTopic } from '#telemetry/topics.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { timeParameter } from '../server/time-parameter.ts'
import { findSensor } from './history.ts'

const eventsQuery = z.object({
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  sensor: idSchema.optional().describe('readings of this sensor alone'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})

/** events read at once, and characters of payload after which an answer ends */
const pageSize = 100
const maxPayload = 8_000_000

/** The topic of a sensor's readings. @throws ApiProblem when it is not known */
function readingTopic(parts: ServerParts, id: string): string {
  const { district, kind } = findSensor(parts, id)
  return sensorTopic({ district, kind, sensor: id, channel: 'reading' })
}

async function read(parts: ServerParts, query: z.infer<typeof eventsQuery>, queryContext: QueryContext) {
  const { store, log } = parts
  const { from, to, sensor, limit } = query
  const span = {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(sensor === undefined ? {} : { subject: readingTopic(parts, sensor) }),
  }
  const total = await store.countEvents('quarantine', queryContext)
  const entries: Quarantined[] = []
  let [looked, length, foreign] = [0, 0, 0]
  const pages = paginateEvents(
    store,
    { stream: 'quarantine', ...span, pageSize: Math.min(pageSize, limit + 1) },
    queryContext,
  )
  for await (const page of pages)
    for (const { body } of page) {
      if (looked === limit || length > maxPayload) return { total, entries, truncated: true }
      looked += 1
      const { data } = quarantinedSchema.safeParse(body)
      if (data) entries.push(data)
      else if (foreign++ === 0) log.warn('the store holds quarantine events of another shape: left out')
      length += data?.payload.length ?? 0
    }
  return { total, entries, truncated: false }
}

/** What the store keeps besides readings, newest first; `total` counts everything kept. */
export function eventRoutes(app: ApiServer, parts: ServerParts): void {
  const tags = ['events']
  app.get(
    '/api/v1/quarantine',
    {
      config: { right: 'quarantine:see', cost: 8, errors: ['UNKNOWN_SENSOR'] },
      schema: {
        operationId: 'listQuarantinedMessages',
        summary: 'Messages that did not validate',
        description: 'An answer with much payload ends early: `truncated` says that there is more.',
        tags,
        querystring: eventsQuery,
        response: { 200: quarantineResponse },
      },
    },
    async ({ query, queryContext }) => read(parts, query, queryContext),
  )
}
