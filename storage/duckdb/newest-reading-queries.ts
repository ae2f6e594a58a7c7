import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { NewestReading } from '#telemetry/reading.ts'
import { type FoundValue, type ValuesQuery, withOlderValues } from '../newest-values.ts'
import type { QueryContext, TelemetryStore } from '../store.ts'
import type { StoredReadings } from '../stored-readings.ts'
import type { Database, Row } from './database.ts'
import { latestSql, newestSql, newestValuesSql, unpackedRow } from './reading-sql.ts'

/** How the newest readings of sensors are read from DuckDB. */
export function newestReadingQueries(
  database: Database,
  stored: StoredReadings,
): Pick<TelemetryStore, 'latest' | 'newest' | 'newestAhead'> {
  const newestValues = async ({ kind, values, from, to }: ValuesQuery, context?: QueryContext) => {
    const rows = await database.rows(newestValuesSql(kind, values), { from: BigInt(from), to: BigInt(to) }, context)
    return rows.flatMap((row) => valuesIn(row, kind, values, stored))
  }
  /** Newest rows of a kind as readings with the newest of each value. */
  const complete = (kind: Kind, rows: readonly Row[], context?: QueryContext): Promise<NewestReading[]> =>
    withOlderValues(
      kind,
      rows.flatMap((row) => stored.readingOf(unpackedRow(kind, row)) ?? []),
      (query) => newestValues(query, context),
      (sensors) => stored.withoutOlder(kind, sensors),
    )
  return {
    async latest() {
      const readings: NewestReading[] = []
      for (const kind of kinds) readings.push(...(await complete(kind, await database.rows(latestSql(kind)))))
      return readings
    },
    async newest({ kind, from, to }, context) {
      const rows = await database.rows(newestSql(kind), { from: BigInt(from), to: BigInt(to) }, context)
      return complete(kind, rows, context)
    },
    async newestAhead({ kind, from, to }) {
      const rows = await database.rows(newestSql(kind, 'ahead'), { from: BigInt(from), to: BigInt(to) })
      return rows.flatMap((row) => stored.readingOf(unpackedRow(kind, row)) ?? [])
    },
  }
}

/** The values of a row of {@link newestValuesSql}. */
function valuesIn(row: Row, kind: Kind, values: readonly string[], stored: StoredReadings): FoundValue[] {
  return values.flatMap((name) => {
    if (row[name] === null) return []
    const value = stored.valueOf(kind, name, row[name], row.sensor)
    return value === undefined ? [] : { sensor: String(row.sensor), name, ts: Number(row[`ts_${name}`]), value }
  })
}
