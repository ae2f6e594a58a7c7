import {
  BIGINT,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api'
import type { Kind } from '#telemetry/kinds.ts'
import type { Reading, Value } from '#telemetry/reading.ts'
import { valuesOfKind } from '#telemetry/values.ts'
import { column, stageOf, tableOf } from './schema.ts'

/** rows of one data chunk; DuckDB's vectors hold 2,048 */
const chunkRows = 2_000

/** Appends readings of one kind, each (sensor, ts) once, to the table of that kind; those that are there already stay as they are. To be called within a transaction. */
export async function appendReadings(
  connection: DuckDBConnection,
  kind: Kind,
  readings: readonly Reading[],
): Promise<void> {
  const unique = onceEach(readings)
  await stage(connection, kind, unique)
  const names = ['district', 'sensor', 'ts', 'seq', ...valuesOfKind[kind].map(({ name }) => column(name))].join(', ')
  let from = Number.POSITIVE_INFINITY
  let to = 0
  for (const { ts } of unique) {
    from = Math.min(from, ts)
    to = Math.max(to, ts)
  }
  // only rows of the batch's own span of time are looked at: DuckDB skips all other row groups by their min and max
  await connection.run(
    `INSERT INTO ${tableOf(kind)} (${names}) SELECT ${names} FROM ${stageOf(kind)} AS new
     ANTI JOIN (SELECT sensor, ts FROM ${tableOf(kind)} WHERE ts BETWEEN $from AND $to) AS old USING (sensor, ts)`,
    { from: BigInt(from), to: BigInt(to) },
  )
  await connection.run(`DELETE FROM ${stageOf(kind)}`)
}

function onceEach(readings: readonly Reading[]): Reading[] {
  const known = new Map<string, Set<number>>()
  return readings.filter(({ sensor, ts }) => {
    const times = known.get(sensor)
    if (!times) known.set(sensor, new Set([ts]))
    else if (times.has(ts)) return false
    else times.add(ts)
    return true
  })
}

async function stage(connection: DuckDBConnection, kind: Kind, readings: readonly Reading[]): Promise<void> {
  const infos = valuesOfKind[kind]
  const types: DuckDBType[] = [VARCHAR, VARCHAR, BIGINT, BIGINT]
  for (const { type } of infos) types.push(type === 'number' ? DOUBLE : VARCHAR)
  const appender = await connection.createAppender(stageOf(kind), 'main', 'temp')
  try {
    for (let from = 0; from < readings.length; from += chunkRows) {
      const rows = readings.slice(from, from + chunkRows)
      // a reading of this kind holds no values but those of the kind, each a number or a word
      const values = rows.map((row) => row.values as Readonly<Record<string, Value | undefined>>)
      const columns: DuckDBValue[][] = [
        rows.map((row) => row.district),
        rows.map((row) => row.sensor),
        rows.map((row) => BigInt(row.ts)),
        rows.map((row) => (row.seq === undefined ? null : BigInt(row.seq))),
        ...infos.map(({ name }) => values.map((row) => row[name] ?? null)),
      ]
      const chunk = DuckDBDataChunk.create(types)
      chunk.setColumns(columns)
      appender.appendDataChunk(chunk)
    }
  } finally {
    appender.closeSync()
  }
}
