import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import { type DiagnosisResponse, diagnosisQuery, diagnosisResponse } from '#telemetry/diagnostics.ts'
import { quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'

/** most of each list in an answer */
const maxListed = 100
/** newest messages in quarantine, of those that are searched for, whose topics are listed; most topics, and entries of each */
const messages = { looked: 2_000, topics: 20, ofTopic: 5 } as const

type Message = DiagnosisResponse['messages'][number]

/** The newest messages in quarantine in whose topic a text occurs. */
async function refusedMessages(
  store: TelemetryStore,
  search: string,
  queryContext: QueryContext,
): Promise<{ found: Message[]; isMore: boolean }> {
  const about = search === '' ? {} : { subjectPart: search }
  const heads = await store.eventHeads({ stream: 'quarantine', ...about, limit: messages.looked + 1 }, queryContext)
  const topics = new Set(heads.slice(0, messages.looked).map(({ subject }) => subject))
  const found: Message[] = []
  for (const subject of [...topics].slice(0, messages.topics))
    for (const { body } of await store.readEvents(
      { stream: 'quarantine', subject, limit: messages.ofTopic },
      queryContext,
    )) {
      const { data } = quarantinedSchema.safeParse(body)
      if (!data) continue
      const { ts, code, reason, more, faults, count } = data
      found.push({ ts, topic: subject, code, reason, ...(more && { more }), ...(faults && { faults }), count })
    }
  return {
    found: found.toSorted((a, b) => b.ts - a.ts),
    isMore: topics.size > messages.topics || heads.length > messages.looked,
  }
}

function sensorOf(state: SensorState): DiagnosisResponse['sensors'][number] {
  const { id, district, kind, meta, connection, clock, reading, arrivedAt } = state
  // what came with a time to come is no newest reading, and was seen all the same
  const seen = [arrivedAt ?? reading?.ts, clock?.at].filter((at) => at !== undefined)
  const lastSeenAt = seen.length > 0 ? Math.max(...seen) : undefined
  return {
    ...{ id, district, kind, hasMeta: meta !== undefined },
    ...(connection && { connection }),
    ...(lastSeenAt !== undefined && { lastSeenAt }),
    ...(clock && { clock }),
  }
}

/** Why a device is not here, or not rightly. */
export function deviceRoutes(app: ApiServer, { store, sensors, refusals, clock }: ServerParts): void {
  app.get(
    '/api/v1/devices/diagnosis',
    {
      config: { right: 'devices:diagnose', cost: 8 },
      schema: {
        operationId: 'diagnoseDevices',
        summary: 'Why a device is not here',
        description:
          'What the brokers refused (sign-ins, topics with the right one beside them), what is refused of its messages, when a sensor was last seen, and what is wrong with its clock. A broker remembers the last refusals since its start, in bounds; brokers that share a journal on NATS tell them all, and `outside` names the outside brokers of which nothing is known. Of a user name that is not known only the beginning is told.',
        tags: ['sensors'],
        querystring: diagnosisQuery,
        response: { 200: diagnosisResponse },
      },
    },
    async ({ query: { search }, queryContext }) => {
      const wanted = search.toLowerCase()
      const refused = refusals.search(search)
      const { found, isMore } = await refusedMessages(store, search, queryContext)
      const known = sensors
        .list()
        .filter(({ id, clock: fault }) => (wanted === '' ? fault !== undefined : id.includes(wanted)))
        .map(sensorOf)
        .toSorted((a, b) => (b.lastSeenAt ?? 0) - (a.lastSeenAt ?? 0))
      return {
        now: clock(),
        ...refusals.reporters,
        refusals: refused.slice(0, maxListed),
        messages: found.slice(0, maxListed),
        sensors: known.slice(0, maxListed),
        truncated: isMore || refused.length > maxListed || known.length > maxListed,
      }
    },
  )
}
