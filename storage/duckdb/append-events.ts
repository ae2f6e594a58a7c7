import type { DuckDBConnection } from '@duckdb/node-api'
import type { StoredEvent } from '../store.ts'

/** Appends events in one statement; those whose (stream, id) is there already stay as they are. To be called within a transaction. */
export async function appendEvents(connection: DuckDBConnection, events: readonly StoredEvent[]): Promise<void> {
  const rows = JSON.stringify(
    events.map(({ stream, id, ts, body }) => ({ stream, id, ts, body: JSON.stringify(body) })),
  )
  await connection.run(
    `INSERT OR IGNORE INTO events
     SELECT row.stream, row.id, row.ts, row.body
     FROM (SELECT unnest(from_json($rows, '[{"stream":"VARCHAR","id":"VARCHAR","ts":"BIGINT","body":"VARCHAR"}]')) AS row)`,
    { rows },
  )
}
