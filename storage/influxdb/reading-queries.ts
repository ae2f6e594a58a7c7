import { z } from 'zod'
import { valueStateOf } from '#telemetry/device-state.ts'
import { kinds } from '#telemetry/kinds.ts'
import { bucketsOf, sensorMeansOf } from '../measured-points.ts'
import { pointOf } from '../point.ts'
import { meansOf } from '../sensor-means.ts'
import type { HistoryQuery, Point, QueryContext, TelemetryStore } from '../store.ts'
import type { StoredReadings } from '../stored-readings.ts'
import { slowTimeoutMs } from './connection.ts'
import type { Series } from './query-response.ts'
import { identities } from './reading-identities.ts'
import {
  bucketsQuery,
  countQuery,
  countsQuery,
  firstReadingQuery,
  historyQuery,
  meansQuery,
  sensorsWithStatesQuery,
  unmeasuredQuery,
} from './reading-influxql.ts'
import { readings } from './readings.ts'
import type { InfluxSession } from './session.ts'
import { pagesByTime } from './time-pagination.ts'

const pointRow = z.tuple([z.number(), z.union([z.number(), z.string()])])

/** The rows of an answer with the columns `time` and a value. */
export function pointsOf(series: readonly Series[]): Point[] {
  return series.flatMap(({ values }) => values.map((row) => pointRow.parse(row))).map(([ts, value]) => ({ ts, value }))
}

/** readings of one sensor that means are made of at the most */
const maxReadingsOfSensor = 100_000_000
/** points of one page of a history */
const pageSize = 10_000

/** The points of a history, with the states of those that were not being measured. */
async function historyPage(
  session: InfluxSession,
  query: HistoryQuery,
  context: QueryContext | undefined,
): Promise<Point[]> {
  const points = pointsOf(await session.query(historyQuery(query), context))
  const last = points.at(-1)?.ts
  if (last === undefined) return points
  const unmeasured = await session.query(unmeasuredQuery({ ...query, to: last + 1 }), context)
  const states = new Map(unmeasured.flatMap(({ values }) => values.map(([ts, text]) => [Number(ts), text] as const)))
  if (states.size === 0) return points
  const { value: name } = query
  return points.map(({ ts, value }) => pointOf(ts, value, valueStateOf(states.get(ts), name)))
}

/** All points of a history, in pages. */
function pagesOfHistory(session: InfluxSession, query: HistoryQuery, context: QueryContext | undefined) {
  return pagesByTime({ from: query.from, pageSize }, async (from, limit) => {
    const points = await historyPage(session, { ...query, from, limit }, context)
    return { rows: points, full: points.length >= limit }
  })
}

async function hasUnmeasured(session: InfluxSession, query: HistoryQuery, context: QueryContext | undefined) {
  return (await session.query(unmeasuredQuery({ ...query, limit: 1 }), context)).length > 0
}

/** The sum of the counts in an answer. */
export function totalOf(series: readonly Series[]): number {
  return series.reduce((total, { values }) => total + Number(values[0]?.[1] ?? 0), 0)
}

type ReadingQueries = Pick<
  TelemetryStore,
  'history' | 'buckets' | 'readings' | 'firstReadingAt' | 'counts' | 'means' | 'count' | 'identities'
>

/** How readings of a span are read from InfluxDB: histories, aggregates, whole readings. */
export function readingQueries(session: InfluxSession, stored: StoredReadings): ReadingQueries {
  return {
    history: (query, context) => historyPage(session, query, context),
    async buckets(query, context) {
      const asked = bucketsQuery(query) // refuses words
      if (!(await hasUnmeasured(session, query, context))) return pointsOf(await session.query(asked, context))
      return bucketsOf(pagesOfHistory(session, query, context), query)
    },
    async *readings(query, context) {
      for await (const page of readings(query, (asked) => session.query(asked, context), stored)) {
        yield page
        context?.signal.throwIfAborted()
      }
    },
    async firstReadingAt(span, context) {
      const series = await session.query(firstReadingQuery(span), context, { timeoutMs: slowTimeoutMs })
      const times = series.flatMap(({ values }) => values.map(([time]) => Number(time)))
      return times.length === 0 ? undefined : Math.min(...times)
    },
    async counts(query, context) {
      const points = pointsOf(await session.query(countsQuery(query), context))
      return points.map(({ ts, value }) => ({ ts, count: Number(value) }))
    },
    async means(query, context) {
      const { kind, from, to } = query
      const series = await session.query(meansQuery(query), context, { timeoutMs: slowTimeoutMs })
      const counts = await session.query(sensorsWithStatesQuery(kind, from, to), context, { timeoutMs: slowTimeoutMs })
      const sensors = new Set(counts.map(({ tags }) => tags?.sensor ?? ''))
      const means = series.flatMap(({ tags, columns, values }) =>
        sensors.has(tags?.sensor ?? '')
          ? []
          : values.map((row) => ({
              sensor: tags?.sensor ?? '',
              ts: Number(row[0]),
              values: meansOf(query.values, Object.fromEntries(columns.map((name, at) => [name, row[at]]))),
            })),
      )
      for (const sensor of sensors) {
        const span = { kind, sensor, from, to, limit: maxReadingsOfSensor }
        const pages = readings(span, (asked) => session.query(asked, context), stored)
        means.push(...(await sensorMeansOf(pages, query)))
      }
      return means
    },
    async count(kind) {
      return totalOf(await session.query(countQuery(kind ? [kind] : kinds), undefined, { timeoutMs: slowTimeoutMs }))
    },
    identities: (span) => identities(span, (query) => session.query(query, undefined, { timeoutMs: slowTimeoutMs })),
  }
}
