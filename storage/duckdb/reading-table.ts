import { type DuckDBConnection, DuckDBDataChunk, type DuckDBType, type DuckDBValue } from '@duckdb/node-api'
import type { Kind } from '#telemetry/kinds.ts'
import type { Reading, Value } from '#telemetry/reading.ts'
import { valuesOfKind } from '#telemetry/values.ts'
import { NewestTimes } from './newest-times.ts'
import { column, stageOf, tableOf } from './schema.ts'

/** rows of one data chunk; DuckDB's vectors hold 2,048 */
const chunkRows = 2_000

/** A table's columns in their order, which is not that of a kind's values where the platform learnt a value since. */
interface Columns {
  names: readonly string[]
  types: readonly DuckDBType[]
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
   * Appends readings, each (sensor, ts) once; those that are there already stay as they are. To be called within a
   * transaction; what it answers is to be called once that is committed. After one that is not, open the table anew.
   */
  async append(connection: DuckDBConnection, readings: readonly Reading[]): Promise<() => void> {
    const sorted = this.#newest.sort(readings)
    await appendRows(connection, tableOf(this.#kind), this.#columns, sorted.fresh)
    if (sorted.doubtful.length > 0) await appendMissing(connection, this.#kind, onceEach(sorted.doubtful))
    return () => this.#newest.stored(sorted)
  }
}

async function columnsOf(connection: DuckDBConnection, table: string): Promise<Columns> {
  const nothing = await connection.run(`SELECT * FROM ${table} LIMIT 0`)
  return { names: nothing.columnNames(), types: nothing.columnTypes() }
}

/** Appends those that are not there yet. */
async function appendMissing(connection: DuckDBConnection, kind: Kind, readings: readonly Reading[]): Promise<void> {
  const [table, stage] = [tableOf(kind), stageOf(kind)]
  await appendRows(connection, stage, await columnsOf(connection, stage), readings)
  const names = [
    'district',
    'sensor',
    'ts',
    'seq',
    '"aheadMs"',
    ...valuesOfKind[kind].map(({ name }) => column(name)),
  ].join(', ')
  let from = Number.POSITIVE_INFINITY
  let to = 0
  for (const { ts } of readings) {
    from = Math.min(from, ts)
    to = Math.max(to, ts)
  }
  // only rows of the batch's own span of time are looked at: DuckDB skips all other row groups by their min and max
  await connection.run(
    `INSERT INTO ${table} (${names}) SELECT ${names} FROM ${stage} AS new
     ANTI JOIN (SELECT sensor, ts FROM ${table} WHERE ts BETWEEN $from AND $to) AS old USING (sensor, ts)`,
    { from: BigInt(from), to: BigInt(to) },
  )
  await connection.run(`DELETE FROM ${stage}`)
}

function onceEach(readings: readonly Reading[]): Reading[] {
  const known = new Map<string, Set<number>>()
  return readings.filter(({ sensor, ts }) => {
    const times = known.get(sensor)
    if (!times) known.set(sensor, new Set([ts]))
    else if (times.has(ts)) return false
    else times.add(ts)
    return true
  })
}

/** The column of this name of some readings. */
function valuesOf(name: string, rows: readonly Reading[]): DuckDBValue[] {
  if (name === 'district' || name === 'sensor') return rows.map((row) => row[name])
  if (name === 'ts') return rows.map(({ ts }) => BigInt(ts))
  if (name === 'seq') return rows.map(({ seq }) => (seq === undefined ? null : BigInt(seq)))
  if (name === 'aheadMs') return rows.map(({ aheadMs }) => (aheadMs === undefined ? null : BigInt(aheadMs)))
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
