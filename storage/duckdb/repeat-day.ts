import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { dayMs } from '#telemetry/durations.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import { valuesOfKind } from '#telemetry/values.ts'
import { column, tableOf } from './schema.ts'

export interface RepeatedDay {
  /** epoch ms: the day that is there */
  from: number
  /** days in all, that one included */
  days: number
  signal: AbortSignal
  /** called after some days each with the readings that are there now */
  onDay: (readings: number) => void
}

/** readings of one transaction: each ends with the disk having them */
const readingsAtOnce = 2_000_000

/**
 * Fills a file that holds one day of readings, and is closed, with further days alike, at DuckDB's full speed. What only grows over
 * the day, as meters do, goes on growing; where nothing does, sensors take turns with one another's days.
 */
export async function repeatDay(path: string, { from, days, signal, onDay }: RepeatedDay): Promise<void> {
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  try {
    const copies: string[] = []
    let readings = 0
    for (const kind of kinds) {
      const day = `(SELECT * FROM ${tableOf(kind)} WHERE ts >= ${from} AND ts < ${from + dayMs})`
      const [[count] = []] = (await connection.runAndReadAll(`SELECT count(*)::DOUBLE FROM ${day}`)).getRows()
      if (count === 0) continue
      readings += Number(count)
      copies.push(await copyOf(connection, kind, day))
    }
    const daysAtOnce = Math.max(1, Math.floor(readingsAtOnce / Math.max(readings, 1)))
    for (let first = 1; first < days && !signal.aborted; first += daysAtOnce) {
      const end = Math.min(first + daysAtOnce, days)
      await connection.run('BEGIN')
      for (let n = first; n < end; n += 1) for (const copy of copies) await connection.run(copy, { n })
      await connection.run('COMMIT')
      onDay(readings * end)
    }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** The statement that appends a day of a kind once more as the `n`th. */
async function copyOf(connection: DuckDBConnection, kind: Kind, day: string): Promise<string> {
  const meters = await metersOf(connection, kind, day)
  const places = `places_${tableOf(kind)}`
  const growths = meters.map((name) => `, max(${name}) - min(${name}) AS ${name}`).join('')
  await connection.run(
    `CREATE TEMP TABLE ${places} AS SELECT row_number() OVER (ORDER BY sensor) - 1 AS place, sensor, arg_min(district, ts) AS district, count(*) AS readings${growths}
     FROM ${day} GROUP BY sensor`,
  )
  const turn = meters.length > 0 ? '0' : '$n::INTEGER'
  const changed = [
    'there.district AS district, there.sensor AS sensor',
    `day.ts + $n::BIGINT * ${dayMs} AS ts, day.seq + $n::BIGINT * here.readings AS seq`,
    ...meters.map((name) => `day.${name} + $n::INTEGER * here.${name} AS ${name}`),
  ].join(', ')
  const same = ['district', 'sensor', 'ts', 'seq', ...meters].join(', ')
  return `INSERT INTO ${tableOf(kind)} BY NAME SELECT day.* EXCLUDE (${same}), ${changed} FROM ${day} AS day
    JOIN ${places} AS here ON here.sensor = day.sensor
    JOIN ${places} AS there ON there.place = (here.place + ${turn}) % (SELECT count(*) FROM ${places})`
}

/** The columns of values that some sensor's day ends higher with than it began, and that never fall. */
async function metersOf(connection: DuckDBConnection, kind: Kind, day: string): Promise<string[]> {
  const meters: string[] = []
  for (const { name, type } of valuesOfKind[kind]) {
    if (type !== 'number') continue
    const value = column(name)
    const sql = `SELECT count(*) FILTER (value < before) = 0 AND count(*) FILTER (value > before) > 0
      FROM (SELECT ${value} AS value, lag(${value}) OVER (PARTITION BY sensor ORDER BY ts) AS before FROM ${day})`
    const [[isMeter] = []] = (await connection.runAndReadAll(sql)).getRows()
    if (isMeter) meters.push(value)
  }
  return meters
}
