import { type DuckDBConnection, DuckDBDataChunk, type DuckDBType, type DuckDBValue } from '@duckdb/node-api'

/** rows of one data chunk; DuckDB's vectors hold 2,048 */
const chunkRows = 2_000

/** Appends rows that are given as columns of equal length: a tenth of the time that it takes row by row. */
export async function appendColumns(
  connection: DuckDBConnection,
  table: string,
  types: readonly DuckDBType[],
  columns: readonly (readonly DuckDBValue[])[],
): Promise<void> {
  const rows = columns[0]?.length ?? 0
  if (rows === 0) return
  const appender = await connection.createAppender(table)
  try {
    for (let from = 0; from < rows; from += chunkRows) {
      const chunk = DuckDBDataChunk.create(types)
      chunk.setColumns(columns.map((column) => column.slice(from, from + chunkRows)))
      appender.appendDataChunk(chunk)
    }
  } finally {
    appender.closeSync()
  }
}

/** Names of a table's columns in their order, quoted: rows for it are to be made in that order. */
export async function quotedColumns(connection: DuckDBConnection, table: string): Promise<string[]> {
  const nothing = await connection.run(`SELECT * FROM ${table} LIMIT 0`)
  return nothing.columnNames().map((name) => `"${name}"`)
}
