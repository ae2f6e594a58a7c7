import { type DuckDBConnection, DuckDBDataChunk, type DuckDBType, type DuckDBValue } from '@duckdb/node-api'
import { formatStates } from '#telemetry/device-state.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import { mergeBatch } from '../merge-readings.ts'
import { appendMissingSql, differencesSql, mergeSql } from './merge-sql.ts'
import { NewestTimes } from './newest-times.ts'
import { stageOf, tableOf } from './schema.ts'

/** rows of one data chunk; DuckDB's vectors hold 2,048 */
const chunkRows = 2_000

/** A table's columns in their order, which is not that of a kind's values where the platform learnt a value since. */
interface Columns {
  names: readonly string[]
  types: readonly DuckDBType[]
}

/** What an append did. */
export interface Appended {
  /** readings that contradicted one of the same (sensor, ts) */
  corrected: number
  /** to be called once the transaction is committed */
  committed: () => void
}

/** The table of a kind's readings, for the one connection that writes to it. */
export class ReadingTable {
  readonly #kind: Kind
  readonly #columns: Columns
  readonly #newest: NewestTimes

  private constructor(kind: Kind, columns: Columns, newest: NewestTimes) {
    this.#kind = kind
    this.#columns = columns
    this.#newest = newest
  }

  static async open(connection: DuckDBConnection, kind: Kind): Promise<ReadingTable> {
    return new ReadingTable(kind, await columnsOf(connection, tableOf(kind)), await NewestTimes.read(connection, kind))
  }

  /**
   * Appends readings, each (sensor, ts) once: values of one that is there already are united with it. To be called within a
   * transaction. After one that is not committed, open the table anew.
   */
  async append(connection: DuckDBConnection, readings: readonly Reading[]): Promise<Appended> {
    const sorted = this.#newest.sort(readings)
    await appendRows(connection, tableOf(this.#kind), this.#columns, sorted.fresh)
    // after the fresh ones: what is doubtful may correct one of those, but arrived after it
    const corrected = sorted.doubtful.length > 0 ? await merge(connection, this.#kind, sorted.doubtful) : 0
    return { corrected, committed: () => this.#newest.stored(sorted) }
  }
}

async function columnsOf(connection: DuckDBConnection, table: string): Promise<Columns> {
  const nothing = await connection.run(`SELECT * FROM ${table} LIMIT 0`)
  return { names: nothing.columnNames(), types: nothing.columnTypes() }
}

/** Appends those that are not there yet, and unites the others with what is there; answers how many contradicted it. */
async function merge(connection: DuckDBConnection, kind: Kind, doubtful: readonly Reading[]): Promise<number> {
  const { readings, corrected } = mergeBatch(doubtful)
  const stage = stageOf(kind)
  await appendRows(connection, stage, await columnsOf(connection, stage), readings)
  let from = Number.POSITIVE_INFINITY
  let to = 0
  for (const { ts } of readings) {
    from = Math.min(from, ts)
    to = Math.max(to, ts)
  }
  const span = { from: BigInt(from), to: BigInt(to) }
  const { rowsChanged } = await connection.run(appendMissingSql(kind), span)
  let corrections = 0
  if (rowsChanged < readings.length) {
    const [[differing, contradicting] = []] = (await connection.runAndReadAll(differencesSql(kind), span)).getRows()
    if (Number(differing) > 0) await connection.run(mergeSql(kind), span)
    corrections = Number(contradicting)
  }
  await connection.run(`DELETE FROM ${stage}`)
  return corrected + corrections
}

/** The column of this name of some readings. */
function valuesOf(name: string, rows: readonly Reading[]): DuckDBValue[] {
  if (name === 'district' || name === 'sensor') return rows.map((row) => row[name])
  if (name === 'ts') return rows.map(({ ts }) => BigInt(ts))
  if (name === 'seq') return rows.map(({ seq }) => (seq === undefined ? null : BigInt(seq)))
  if (name === 'aheadMs') return rows.map(({ aheadMs }) => (aheadMs === undefined ? null : BigInt(aheadMs)))
  if (name === 'sortKey') return rows.map(() => 0)
  if (name === 'states') return rows.map(({ states }) => formatStates(states) ?? null)
  // a reading holds no values but those of its kind, each a number or a word
  return rows.map(({ values }) => (values as Readonly<Record<string, Value | undefined>>)[name] ?? null)
}

async function appendRows(
  connection: DuckDBConnection,
  table: string,
  { names, types }: Columns,
  readings: readonly Reading[],
): Promise<void> {
  if (readings.length === 0) return
  const appender = await connection.createAppender(table)
  try {
    for (let from = 0; from < readings.length; from += chunkRows) {
      const rows = readings.slice(from, from + chunkRows)
      const chunk = DuckDBDataChunk.create(types)
      chunk.setColumns(names.map((name) => valuesOf(name, rows)))
      appender.appendDataChunk(chunk)
    }
  } finally {
    appender.closeSync()
  }
}
