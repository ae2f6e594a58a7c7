import { kinds } from '#telemetry/kinds.ts'
import type { NewestReading } from '#telemetry/reading.ts'
import type { QueryContext, TelemetryStore } from '../store.ts'
import type { StoredReadings } from '../stored-readings.ts'
import type { Database } from './database.ts'
import { type Ask, askingOn, completeRows } from './newest-in-span.ts'
import { newestBySnapshot } from './newest-snapshot.ts'
import { latestSql, newestSql, unpackedRow } from './reading-sql.ts'

/** How the newest readings of sensors are read from DuckDB. */
export function newestReadingQueries(
  database: Database,
  stored: StoredReadings,
): Pick<TelemetryStore, 'latest' | 'newest' | 'newestAhead'> {
  const asking =
    (context?: QueryContext): Ask =>
    (sql, values) =>
      database.rows(sql, values, context)
  return {
    async latest() {
      const known = await database.snapshot(async (connection) => {
        const found: (NewestReading[] | undefined)[] = []
        for (const kind of kinds) found.push(await newestBySnapshot(kind, { ask: askingOn(connection), stored }))
        return found
      })
      const readings: NewestReading[][] = []
      for (const [index, kind] of kinds.entries())
        readings.push(
          known[index] ?? (await completeRows(kind, await database.rows(latestSql(kind)), { ask: asking(), stored })),
        )
      return readings.flat()
    },
    async newest({ kind, from, to }, context) {
      const rows = await database.rows(newestSql(kind), { from: BigInt(from), to: BigInt(to) }, context)
      return completeRows(kind, rows, { ask: asking(context), stored })
    },
    async newestAhead({ kind, from, to }) {
      const rows = await database.rows(newestSql(kind, 'ahead'), { from: BigInt(from), to: BigInt(to) })
      return rows.flatMap((row) => stored.readingOf(unpackedRow(kind, row)) ?? [])
    },
  }
}
