import { z } from 'zod'
import type { TelemetryStore } from '../store.ts'
import { searchAlerts } from './alert-search.ts'
import { slowTimeoutMs } from './connection.ts'
import { amountsQuery, countEventsQuery, eventHeadsQuery, eventsQuery } from './event-influxql.ts'
import { bodiesOf, eventLine } from './line-protocol.ts'
import { pointsOf, totalOf } from './reading-queries.ts'
import { eventMeasurement } from './schema.ts'
import type { InfluxSession } from './session.ts'
import { writeInAcceptedParts } from './split-writes.ts'

const eventRow = z.tuple([z.number(), z.string(), z.string()])
const headRow = z.tuple([z.number(), z.string(), z.string().nullable(), z.number().nullable()])

type EventStorage = Pick<
  TelemetryStore,
  'appendEvents' | 'readEvents' | 'eventHeads' | 'eventAmounts' | 'searchAlerts' | 'countEvents'
>

/** How events are written to InfluxDB and read from it. */
export function eventStorage(session: InfluxSession): EventStorage {
  return {
    async appendEvents(events) {
      const measurements = [...new Set(events.map(({ stream }) => eventMeasurement(stream)))]
      await session.write(measurements, async (connection) => {
        await writeInAcceptedParts(events, async (part) => {
          for (const body of bodiesOf(part.map(eventLine))) await connection.write(body, 'ns')
        })
      })
    },
    async readEvents(query, context) {
      const [series] = await session.query(eventsQuery(query), context)
      return (series?.values ?? []).map((row) => {
        const [ts, id, body] = eventRow.parse(row)
        return { stream: query.stream, id, ts, body: JSON.parse(body) }
      })
    },
    async eventHeads(query, context) {
      const [series] = await session.query(eventHeadsQuery(query), context)
      return (series?.values ?? []).map((row) => {
        const [ts, id, subject, amount] = headRow.parse(row)
        return { id, ts, subject: subject ?? '', amount: amount ?? 1 }
      })
    },
    async eventAmounts(query, context) {
      const points = pointsOf(await session.query(amountsQuery(query), context))
      return points.map(({ ts, value }) => ({ ts, amount: Number(value) }))
    },
    searchAlerts: (search, context) => searchAlerts(search, (query) => session.query(query, context)),
    async countEvents(stream, context) {
      return totalOf(await session.query(countEventsQuery(stream), context, { timeoutMs: slowTimeoutMs }))
    },
  }
}
