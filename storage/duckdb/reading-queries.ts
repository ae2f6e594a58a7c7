import { kinds } from '#telemetry/kinds.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import { phaseOf } from '../bucket-phase.ts'
import { pointOf } from '../point.ts'
import { meansOf } from '../sensor-means.ts'
import type { TelemetryStore } from '../store.ts'
import type { StoredReadings } from '../stored-readings.ts'
import type { Database } from './database.ts'
import {
  anyStatesSql,
  bucketsSql,
  countsSql,
  firstReadingSql,
  historySql,
  meansSql,
  readingsSql,
  unpackedRow,
} from './reading-sql.ts'
import { tableOf } from './schema.ts'
import { sortKeyOf } from './sort-key.ts'

type ReadingQueries = Pick<
  TelemetryStore,
  'history' | 'buckets' | 'readings' | 'firstReadingAt' | 'counts' | 'means' | 'count' | 'identities'
>

const ofSensor = (sensor: string) => ({ sensor, sortKey: sortKeyOf(sensor) })

/** How readings of a span are read from DuckDB: histories, aggregates, whole readings. */
export function readingQueries(database: Database, stored: StoredReadings): ReadingQueries {
  return {
    async history({ kind, sensor, value, from, to, limit }, context) {
      const span = { ...ofSensor(sensor), from: BigInt(from), to: BigInt(to), limit }
      const rows = await database.rows(historySql(kind, value), span, context)
      return rows.map(({ ts, value, state }) => pointOf(Number(ts), value as Value, state)) // a DOUBLE or VARCHAR that is not null
    },
    async buckets({ kind, sensor, value, from, to, limit, window, origin = 0, fn }, context) {
      const grid = { window: BigInt(window), phase: BigInt(phaseOf(origin, window)) }
      const span = { ...ofSensor(sensor), from: BigInt(from), to: BigInt(to), ...grid, limit }
      const rows = await database.rows(bucketsSql(kind, value, fn), span, context)
      return rows.map((row) => ({ ts: Number(row.bucket), value: Number(row.value) }))
    },
    async *readings(query, context) {
      const { kind, sensor, from, to, step, limit } = query
      const values = {
        ...{ from: BigInt(from), to: BigInt(to), limit },
        ...(sensor === undefined ? {} : ofSensor(sensor)),
        ...(step === undefined ? {} : { step: BigInt(step) }),
      }
      const span = { from: BigInt(from), to: BigInt(to) }
      const hasStates = step !== undefined && (await database.rows(anyStatesSql(kind), span, context)).length > 0
      for await (const { names, rows } of database.pages(readingsSql(query, hasStates), values, context))
        yield rows.flatMap((row) => {
          const held = Object.fromEntries(names.map((name, at) => [name, row[at]]))
          return stored.readingOf(unpackedRow(kind, held)) ?? []
        })
    },
    async firstReadingAt({ from, to }, context) {
      const [row] = await database.rows(firstReadingSql, { from: BigInt(from), to: BigInt(to) }, context)
      return row?.ts == null ? undefined : Number(row.ts)
    },
    async counts({ kind, from, to, window }, context) {
      const span = { from: BigInt(from), to: BigInt(to), window: BigInt(window) }
      const rows = await database.rows(countsSql(kind), span, context)
      return rows.map(({ bucket, n }) => ({ ts: Number(bucket), count: Number(n) }))
    },
    async means({ kind, values, from, to, window }, context) {
      const span = { from: BigInt(from), to: BigInt(to), window: BigInt(window) }
      return (await database.rows(meansSql(kind, values), span, context)).map((row) => ({
        sensor: String(row.sensor),
        ts: Number(row.bucket),
        values: meansOf(values, row),
      }))
    },
    async count(kind) {
      let total = 0
      for (const each of kind ? [kind] : kinds)
        total += Number((await database.rows(`SELECT count(*) AS n FROM ${tableOf(each)}`))[0]?.n)
      return total
    },
    async *identities({ kind, from, to }) {
      const sql = `SELECT sensor, ts FROM ${tableOf(kind)} WHERE ts >= $from AND ts < $to`
      for await (const { rows } of database.pages(sql, { from: BigInt(from), to: BigInt(to) }))
        yield rows.map(([sensor, ts]) => ({ sensor: String(sensor), ts: Number(ts) }))
    },
  }
}
