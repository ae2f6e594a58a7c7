import type { QueryContext, TelemetryStore } from '../store.ts'
import { migrateAlertColumnsSql, migrationBatchSize } from './alert-columns.ts'
import { alertSearchSql, alertsFound } from './alert-search.ts'
import type { BackgroundMigration } from './background-migration.ts'
import type { Database, Row } from './database.ts'
import {
  appendEvents,
  eventAmountsSql,
  eventHeadsSql,
  eventOf,
  eventsSql,
  headOf,
  migrateSubjectsSql,
} from './event-sql.ts'
import type { DirtyHours } from './roll-up/dirty-hours.ts'

type EventStorage = Pick<
  TelemetryStore,
  'appendEvents' | 'readEvents' | 'eventHeads' | 'eventAmounts' | 'searchAlerts' | 'countEvents'
>

/** How events are written to DuckDB and read from it. Queries by columns that older releases did not fill wait for the migration. */
export function eventStorage(database: Database, migration: BackgroundMigration, dirty: DirtyHours): EventStorage {
  const migratedRows = (sql: string, values: Row, context?: QueryContext): Promise<Row[]> =>
    database.rows(sql, values, context, (signal) => migration.done(signal))
  return {
    async appendEvents(events) {
      if (events.length === 0) return
      await database.transaction(async (connection) => {
        await dirty.markEvents(connection, events)
        await appendEvents(connection, events)
      })
    },
    async readEvents(query, context) {
      const bySubject = query.subject !== undefined || query.subjectPart !== undefined
      const { sql, values } = eventsSql(query)
      const rows = await (bySubject ? migratedRows(sql, values, context) : database.rows(sql, values, context))
      return rows.map((row) => eventOf(query, row))
    },
    async eventHeads(query, context) {
      const { sql, values } = eventHeadsSql(query)
      return (await migratedRows(sql, values, context)).map(headOf)
    },
    async eventAmounts(query, context) {
      const { sql, values } = eventAmountsSql(query)
      const rows = await migratedRows(sql, values, context)
      return rows.map(({ bucket, amount }) => ({ ts: Number(bucket), amount: Number(amount) }))
    },
    async searchAlerts(search, context) {
      const { sql, values } = alertSearchSql(search)
      const [row] = await migratedRows(sql, values, context)
      return alertsFound(search, row)
    },
    async countEvents(stream, context) {
      const sql = 'SELECT count(*) AS n FROM events WHERE stream = $stream'
      const [row] = await database.rows(sql, { stream }, context)
      return Number(row?.n)
    },
  }
}

/** Fills the columns that events of an older release do not have. It takes a second where there are many. */
export async function migrateEvents(database: Database): Promise<void> {
  await database.run(migrateSubjectsSql)
  for (let changed = migrationBatchSize; changed === migrationBatchSize && !database.isClosing; )
    await database.transaction(async (connection) => {
      changed = (await connection.run(migrateAlertColumnsSql)).rowsChanged
    })
}
