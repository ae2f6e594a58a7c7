import { DuckDBInstance } from '@duckdb/node-api'
import { z } from 'zod'
import { type Asked, byWard, ofOneDistrict, type QuestionName, topicOf } from './questions.ts'

/** The same questions, asked by somebody who has nothing but a table of readings in the order in which they came. */
export interface Plain {
  questions: Readonly<Record<QuestionName, () => Promise<{ length: number }>>>
  newest: () => Promise<{ length: number }>
  close(): void
}

const texts = (ids: readonly string[]) => ids.map((id) => `'${id}'`).join(', ')

/** Asks DuckDB in SQL, with as many threads as the platform gives it. */
export async function plainDuckdb(path: string, { sensors, from, to }: Asked): Promise<Plain> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY', threads: '1', memory_limit: '2GB' })
  const connection = await instance.connect()
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjects()
  const {
    kind,
    value,
    ids: [one = ''],
  } = topicOf(sensors)
  const table = kind.replace('-', '_')
  const span = `ts >= ${from} AND ts < ${to} AND ${value} IS NOT NULL`
  const wards = [...byWard(sensors)].flatMap(([ward, ids]) => ids.map((id) => `('${ward}', '${id}')`))
  const hour = 'ts - ts % 3600000::BIGINT AS hour'
  const local = '(ts + 25200000)'
  const newest = (of: string) => `SELECT r.* FROM ${of} AS r JOIN
    (SELECT sensor, max(ts) AS ts FROM ${of} GROUP BY sensor) USING (sensor, ts)`
  return {
    questions: {
      hourly: () =>
        rows(
          `SELECT ${hour}, avg(${value}) FROM ${table} WHERE sensor = '${one}' AND ${span} GROUP BY hour ORDER BY hour`,
        ),
      wards: () =>
        rows(`SELECT ward, ${local} // 86400000 AS day, avg(${value}) FROM ${table} JOIN (VALUES ${wards}) AS w(ward, sensor) USING (sensor)
          WHERE ${span} GROUP BY ward, day ORDER BY ward, day`),
      weekdays: () =>
        rows(`SELECT ${local} // 3600000 % 168 AS hour, avg(${value}) FROM ${table}
          WHERE sensor IN (${texts(ofOneDistrict(sensors))}) AND ${span} GROUP BY hour ORDER BY hour`),
      p95: () =>
        rows(
          `SELECT ${hour}, quantile_cont(${value}, 0.95) FROM ${table} WHERE sensor = '${one}' AND ${span} GROUP BY hour ORDER BY hour`,
        ),
    },
    async newest() {
      const found: unknown[] = []
      for (const each of new Set(sensors.map((sensor) => sensor.kind)))
        found.push(...(await rows(newest(each.replace('-', '_')))))
      return found
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

const answerSchema = z.object({
  results: z.array(
    z.object({ error: z.string().optional(), series: z.array(z.object({ values: z.array(z.unknown()) })).default([]) }),
  ),
})

/** Asks InfluxDB in InfluxQL. */
export function plainInfluxdb(url: string, database: string, { sensors, from, to }: Asked): Plain {
  const rows = async (q: string) => {
    const answer = await fetch(`${url}/query?db=${database}&epoch=ms`, {
      method: 'POST',
      body: new URLSearchParams({ q }),
    })
    const { results } = answerSchema.parse(await answer.json())
    for (const { error } of results) if (error !== undefined) throw new Error(error)
    return results.flatMap(({ series }) => series.flatMap(({ values }) => values))
  }
  const {
    kind,
    value,
    ids: [one = ''],
  } = topicOf(sensors)
  const span = `time >= ${from}ms AND time < ${to}ms`
  const these = (ids: readonly string[]) => `(${ids.map((id) => `"sensor" = '${id}'`).join(' OR ')})`
  const ask = (what: string, who: string, by: string) =>
    `SELECT ${what} FROM "${kind}" WHERE ${who} AND ${span} GROUP BY ${by} fill(none)`
  const ofOne = `"sensor" = '${one}'`
  return {
    questions: {
      hourly: () => rows(ask(`mean("${value}")`, ofOne, 'time(1h)')),
      wards: () =>
        rows(
          [...byWard(sensors).values()].map((ids) => ask(`mean("${value}")`, these(ids), 'time(1d, -7h)')).join('; '),
        ),
      // hours are put together by weekday by who asks
      weekdays: () => rows(ask(`sum("${value}"), count("${value}")`, these(ofOneDistrict(sensors)), 'time(1h)')),
      p95: () => rows(ask(`percentile("${value}", 95)`, ofOne, 'time(1h)')),
    },
    async newest() {
      const found: unknown[] = []
      for (const each of new Set(sensors.map((sensor) => sensor.kind)))
        found.push(...(await rows(`SELECT * FROM "${each}" GROUP BY "sensor" ORDER BY time DESC LIMIT 1`)))
      return found
    },
    close() {},
  }
}
