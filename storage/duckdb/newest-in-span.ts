import type { DuckDBConnection } from '@duckdb/node-api'
import { valueStateOf } from '#telemetry/device-state.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { NewestReading } from '#telemetry/reading.ts'
import { type FoundValue, type ValuesQuery, withOlderValues } from '../newest-values.ts'
import type { StoredReadings } from '../stored-readings.ts'
import type { Row } from './database.ts'
import { newestInMinutesSql, newestSql, newestValuesSql, unpackedRow } from './reading-sql.ts'

/** Asks one DuckDB connection after another, or one alone within a transaction. */
export type Ask = (sql: string, values: Row) => Promise<Row[]>

/** Asks one connection. */
export function askingOn(connection: DuckDBConnection): Ask {
  return async (sql, values) => (await connection.runAndReadAll(sql, values)).getRowObjects()
}

/** Newest rows of a kind as readings with the newest of each value; values measured before `from` (epoch ms) are not looked for. */
export function completeRows(
  kind: Kind,
  rows: readonly Row[],
  { ask, stored, from: first = 0 }: { ask: Ask; stored: StoredReadings; from?: number },
): Promise<NewestReading[]> {
  const newestValues = async ({ values, from, to }: ValuesQuery) => {
    if (to <= first) return []
    const found = await ask(newestValuesSql(kind, values), { from: BigInt(Math.max(from, first)), to: BigInt(to) })
    return found.flatMap((row) => valuesIn(row, kind, values, stored))
  }
  return withOlderValues(
    kind,
    rows.flatMap((row) => stored.readingOf(unpackedRow(kind, row)) ?? []),
    newestValues,
    (sensors) => stored.withoutOlder(kind, sensors),
  )
}

/** The newest of each sensor of a kind with `from <= ts < to` (epoch ms), of readings in that span alone. */
export async function newestInSpan(
  { kind, from, to }: { kind: Kind; from: number; to: number },
  { ask, stored }: { ask: Ask; stored: StoredReadings },
): Promise<NewestReading[]> {
  const sql = from > 0 ? newestInMinutesSql(kind) : newestSql(kind)
  const rows = await ask(sql, { from: BigInt(from), to: BigInt(to) })
  return completeRows(kind, rows, { ask, stored, from })
}

/** The values of a row of {@link newestValuesSql}. */
function valuesIn(row: Row, kind: Kind, values: readonly string[], stored: StoredReadings): FoundValue[] {
  return values.flatMap((name) => {
    if (row[name] === null) return []
    const value = stored.valueOf(kind, name, row[name], row.sensor)
    if (value === undefined) return []
    const state = valueStateOf(row[`states_${name}`], name)
    return { sensor: String(row.sensor), name, ts: Number(row[`ts_${name}`]), value, ...(state && { state }) }
  })
}
