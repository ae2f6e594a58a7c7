import { z } from 'zod'
import { kinds } from '#telemetry/kinds.ts'
import { meansOf } from '../sensor-means.ts'
import type { Point, TelemetryStore } from '../store.ts'
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
} from './reading-influxql.ts'
import { readings } from './readings.ts'
import type { InfluxSession } from './session.ts'

const pointRow = z.tuple([z.number(), z.union([z.number(), z.string()])])

/** The rows of an answer with the columns `time` and a value. */
export function pointsOf(series: readonly Series[]): Point[] {
  return series.flatMap(({ values }) => values.map((row) => pointRow.parse(row))).map(([ts, value]) => ({ ts, value }))
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
    history: async (query, context) => pointsOf(await session.query(historyQuery(query), context)),
    buckets: async (query, context) => pointsOf(await session.query(bucketsQuery(query), context)),
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
      const series = await session.query(meansQuery(query), context, { timeoutMs: slowTimeoutMs })
      return series.flatMap(({ tags, columns, values }) =>
        values.map((row) => ({
          sensor: tags?.sensor ?? '',
          ts: Number(row[0]),
          values: meansOf(query.values, Object.fromEntries(columns.map((name, at) => [name, row[at]]))),
        })),
      )
    },
    async count(kind) {
      return totalOf(await session.query(countQuery(kind ? [kind] : kinds), undefined, { timeoutMs: slowTimeoutMs }))
    },
    identities: (span) => identities(span, (query) => session.query(query, undefined, { timeoutMs: slowTimeoutMs })),
  }
}
