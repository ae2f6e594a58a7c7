import type { DuckDBConnection } from '@duckdb/node-api'
import type { TelemetryStore } from '../store.ts'
import type { Database } from './database.ts'

/** How documents are written to DuckDB and read from it. */
export function documentStorage(
  database: Database,
): Pick<TelemetryStore, 'putDocument' | 'removeDocument' | 'readDocuments'> {
  return {
    async putDocument(collection, document) {
      await database.transaction((connection) => putDocumentOn(connection)(collection, document))
    },
    async removeDocument(collection, id) {
      await database.run('DELETE FROM documents WHERE collection = $collection AND id = $id', { collection, id })
    },
    async readDocuments(collection) {
      const sql = 'SELECT id, body FROM documents WHERE collection = $collection ORDER BY id'
      const rows = await database.rows(sql, { collection })
      return rows.map(({ id, body }) => ({ id: String(id), body: JSON.parse(String(body)) }))
    },
  }
}

/** Writes a document within a transaction. */
export function putDocumentOn(connection: DuckDBConnection): TelemetryStore['putDocument'] {
  return async (collection, { id, body }) => {
    const values = { collection, id, body: JSON.stringify(body) }
    await connection.run('INSERT OR REPLACE INTO documents VALUES ($collection, $id, $body)', values)
  }
}
