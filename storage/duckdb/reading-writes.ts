import type { DuckDBConnection } from '@duckdb/node-api'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { TelemetryStore } from '../store.ts'
import type { Database } from './database.ts'
import { batchFault } from './errors.ts'
import type { NewestSnapshots } from './newest-snapshots.ts'
import { type Appended, ReadingTable } from './reading-table.ts'
import type { DirtyHours } from './roll-up/dirty-hours.ts'

/** How readings are written to DuckDB. */
export function readingWrites(
  database: Database,
  snapshots: NewestSnapshots,
  dirty: DirtyHours,
): Pick<TelemetryStore, 'write'> {
  const tables = new Map<Kind, ReadingTable>()
  // whether they hold what was to be appended is not certain
  database.onWriteFault(() => tables.clear())
  const append = async (connection: DuckDBConnection, readings: readonly Reading[]): Promise<Appended[]> => {
    const appended: Appended[] = []
    for (const kind of kinds) {
      const some = readings.filter((reading) => reading.kind === kind)
      if (some.length === 0) continue
      const table = tables.get(kind) ?? (await ReadingTable.open(connection, kind))
      tables.set(kind, table)
      await snapshots.note(connection, kind, some)
      await dirty.markReadings(connection, kind, some)
      const { corrected, committed } = await table.append(connection, some)
      appended.push({
        corrected,
        committed: () => {
          committed()
          snapshots.written(kind, some)
        },
      })
    }
    return appended
  }
  return {
    async write(readings) {
      let corrected = 0
      if (readings.length === 0) return { corrected }
      await database.transaction(
        (connection) => append(connection, readings),
        (appended) => {
          for (const each of appended) {
            each.committed()
            corrected += each.corrected
          }
        },
        batchFault,
      )
      return { corrected }
    },
  }
}
