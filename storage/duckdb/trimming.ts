import { dayMs } from '#telemetry/durations.ts'
import { kinds } from '#telemetry/kinds.ts'
import { eventStreams, lastingStreams, type TelemetryStore } from '../store.ts'
import type { Database } from './database.ts'
import { trimSnapshotSql } from './newest-snapshot-sql.ts'
import type { NewestSnapshots } from './newest-snapshots.ts'
import type { RollUpTables } from './roll-up/upkeep.ts'
import { tableOf } from './schema.ts'

/** How DuckDB deletes what is older than it is kept. */
export function trimming(
  database: Database,
  snapshots: NewestSnapshots,
  rollUps: RollUpTables,
): Pick<TelemetryStore, 'trim' | 'trimEvents'> {
  /** The earliest time in a table, epoch ms; infinite when it is empty. */
  const oldestIn = async (table: string): Promise<number> => {
    const [row] = await database.rows(`SELECT min(ts) AS oldest FROM ${table}`)
    return Number(row?.oldest ?? Number.POSITIVE_INFINITY)
  }
  return {
    /** A day at a time: writes go on in between, and a close waits for one day only. */
    async trim(before) {
      await rollUps.freeze(before)
      for (const kind of kinds) {
        const table = tableOf(kind)
        for (let oldest = await oldestIn(table); oldest < before; oldest = await oldestIn(table)) {
          const to = BigInt(Math.min(before, oldest + dayMs))
          await database.transaction(
            async (connection) => {
              await connection.run(`DELETE FROM ${table} WHERE ts < $to`, { to })
              await connection.run(trimSnapshotSql, { kind, kept: to })
            },
            () => snapshots.trimmed(kind),
          )
        }
      }
      await database.transaction(async (connection) => {
        for (const stream of eventStreams.filter((name) => !lastingStreams.includes(name)))
          await connection.run('DELETE FROM events WHERE ts < $before AND stream = $stream', {
            before: BigInt(before),
            stream,
          })
      })
    },
    async trimEvents(stream, before) {
      const values = { stream, before: BigInt(before) }
      await database.run('DELETE FROM events WHERE stream = $stream AND ts < $before', values)
    },
  }
}
