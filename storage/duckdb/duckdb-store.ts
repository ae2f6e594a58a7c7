import { availableParallelism } from 'node:os'
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import pLimit from 'p-limit'
import type { Logger } from 'pino'
import { dayMs } from '#telemetry/durations.ts'
import { ConfigError, StoreUnavailableError } from '#telemetry/errors.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { NewestReading, Reading } from '#telemetry/reading.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import type { AlertSearch, AlertsFound } from '../alert-search.ts'
import { phaseOf } from '../bucket-phase.ts'
import { type FoundValue, type ValuesQuery, withOlderValues } from '../newest-values.ts'
import { meansOf } from '../sensor-means.ts'
import {
  type AmountsQuery,
  type BucketQuery,
  type CountsQuery,
  type DocumentCollection,
  type EventHead,
  type EventStream,
  type EventsQuery,
  eventStreams,
  type HistoryQuery,
  lastingStreams,
  type MeansQuery,
  type Point,
  type QueryContext,
  type ReadingsQuery,
  type SensorMeans,
  type StoredDocument,
  type StoredEvent,
  type TelemetryStore,
  type WriteResult,
} from '../store.ts'
import { StoredReadings } from '../stored-readings.ts'
import { migrateAlertColumnsSql, migrationBatchSize } from './alert-columns.ts'
import { alertSearchSql, alertsFound } from './alert-search.ts'
import { BackgroundMigration } from './background-migration.ts'
import { batchFault, isFatal, openFault, storeFault } from './errors.ts'
import {
  appendEvents,
  eventAmountsSql,
  eventHeadsSql,
  eventOf,
  eventsSql,
  headOf,
  migrateSubjectsSql,
} from './event-sql.ts'
import { ReadConnections } from './read-connections.ts'
import {
  bucketsSql,
  countsSql,
  historySql,
  latestSql,
  meansSql,
  newestSql,
  newestValuesSql,
  readingsSql,
  unpackedRow,
} from './reading-sql.ts'
import { type Appended, ReadingTable } from './reading-table.ts'
import { createStatements, layoutVersion, stageStatements, tableOf } from './schema.ts'

export interface DuckdbStoreOptions {
  /** the database file; made when missing */
  path: string
  log: Logger
}

/** most memory DuckDB takes for itself */
const memoryLimit = '512MB'
/** written since the last checkpoint at which it is time for the next: each writes the last, incomplete row group anew, and what comes after it is read at the next start after a crash */
const checkpointThreshold = '64MB'

/** threads of DuckDB for the queries of all connections together: each query has that of its connection besides, and the others need the processor too */
const threads = Math.max(1, Math.floor(availableParallelism() / 2))
/** connections that read on behalf of people, for the platform itself, and for what it reads in pages; each takes one of the threads that Node shares among all */
const readers = { people: 3, platform: 2, pages: 8 }
/** ms that the platform's own questions may take */
const longestMs = 120_000

interface Database {
  instance: DuckDBInstance
  /** writes, one after the other */
  writer: DuckDBConnection
  readers: Record<keyof typeof readers, ReadConnections>
}

/**
 * Opens the embedded store: one DuckDB file that this process owns.
 * @throws ConfigError when the file is in use, cannot be written, or was written by another version
 */
export async function openDuckdbStore(options: DuckdbStoreOptions): Promise<TelemetryStore> {
  const store = new DuckdbStore(options)
  await store.open()
  store.migrate.start()
  return store
}

async function openDatabase(path: string): Promise<Database> {
  let instance: DuckDBInstance
  try {
    instance = await DuckDBInstance.create(path, {
      memory_limit: memoryLimit,
      checkpoint_threshold: checkpointThreshold,
      threads: String(threads),
    })
  } catch (error) {
    throw openFault(path, error)
  }
  const writer = await instance.connect()
  try {
    for (const statement of createStatements) await writer.run(statement)
    await checkLayout(writer, path)
    for (const statement of stageStatements) await writer.run(statement)
    const connect = () => instance.connect()
    return {
      ...{ instance, writer },
      readers: {
        people: new ReadConnections(connect, readers.people),
        platform: new ReadConnections(connect, readers.platform),
        pages: new ReadConnections(connect, readers.pages),
      },
    }
  } catch (error) {
    writer.closeSync()
    instance.closeSync()
    throw error instanceof ConfigError ? error : openFault(path, error)
  }
}

async function checkLayout(connection: DuckDBConnection, path: string): Promise<void> {
  const [found] = (await connection.runAndReadAll('SELECT version FROM layout')).getRows()
  if (!found) await connection.run('INSERT INTO layout VALUES ($version)', { version: layoutVersion })
  else if (found[0] !== layoutVersion)
    throw new ConfigError(
      `DATA_DIR: the store "${path}" has layout ${found[0]}, this release reads ${layoutVersion}; use the release that wrote it, or another DATA_DIR`,
    )
}

class DuckdbStore implements TelemetryStore {
  readonly #options: DuckdbStoreOptions
  #opening: Promise<Database> | undefined
  readonly #tables = new Map<Kind, ReadingTable>()
  readonly #stored: StoredReadings
  readonly #oneAtATime = pLimit(1)
  /** a start does not wait for it: who asks by that does */
  readonly migrate: BackgroundMigration
  /** set once nothing new is begun */
  #closing: Promise<void> | undefined
  #closed = false

  constructor(options: DuckdbStoreOptions) {
    this.#options = options
    this.#stored = new StoredReadings(options.log)
    this.migrate = new BackgroundMigration({ migrate: () => this.#migrate(), log: options.log })
  }

  async open(): Promise<Database> {
    if (this.#closed) throw new StoreUnavailableError('the store is closed')
    this.#opening ??= openDatabase(this.#options.path).catch((error) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  /** Runs a change after all earlier ones, in a transaction, then `done`. After a fault that DuckDB does not survive the file is opened anew. */
  #change<T>(
    change: (connection: DuckDBConnection) => Promise<T>,
    done: (result: T) => void = () => {},
    faultOf: (error: unknown) => unknown = storeFault,
  ): Promise<void> {
    if (this.#closing) return Promise.reject(new StoreUnavailableError('the store is closed'))
    return this.#oneAtATime(async () => {
      try {
        const { writer } = await this.open()
        done(await inTransaction(writer, change))
      } catch (error) {
        this.#tables.clear() // whether they hold what was to be appended is not certain
        if (isFatal(error)) {
          this.#options.log.error({ err: error }, 'the store failed and is opened anew')
          await this.#release()
        }
        throw faultOf(error)
      }
    })
  }

  /** Gives events of an older release what they are asked by. It takes a second where there are many. */
  async #migrate(): Promise<void> {
    await this.#change(async (connection) => {
      await connection.run(migrateSubjectsSql)
    })
    for (let changed = migrationBatchSize; changed === migrationBatchSize && !this.#closing; )
      await this.#change(async (connection) => {
        changed = (await connection.run(migrateAlertColumnsSql)).rowsChanged
      })
  }

  /** Lets go of the file, which stays locked until the last connection is closed. A connection must not be closed under a running query: that ends the process. */
  async #release(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    const database = await opening?.catch(() => undefined)
    if (database) await Promise.all(Object.values(database.readers).map((each) => each.close()))
    database?.writer.closeSync()
    database?.instance.closeSync()
  }

  /** Asks on a connection of those kept for who asks. */
  async #rows(
    sql: string,
    values: Record<string, DuckDBValue> = {},
    context?: QueryContext,
    ready?: (signal: AbortSignal) => Promise<void>,
  ): Promise<Record<string, DuckDBValue>[]> {
    const signal = context?.signal ?? AbortSignal.timeout(longestMs)
    try {
      await ready?.(signal)
      const { people, platform } = (await this.open()).readers
      const ask = async (reader: DuckDBConnection) => (await reader.runAndReadAll(sql, values)).getRowObjects()
      return await (context ? people : platform).use(ask, signal)
    } catch (error) {
      if (!context && error === signal.reason)
        throw new StoreUnavailableError(`DuckDB did not answer within ${longestMs / 1_000} s`, { cause: error })
      throw this.#faultOf(error, context)
    }
  }

  /** The same once events of an older release have what they are asked by. */
  #filledRows(
    sql: string,
    values: Record<string, DuckDBValue>,
    context?: QueryContext,
  ): Promise<Record<string, DuckDBValue>[]> {
    return this.#rows(sql, values, context, (signal) => this.migrate.done(signal))
  }

  #faultOf(error: unknown, context: QueryContext | undefined): unknown {
    return context?.signal.aborted && error === context.signal.reason ? error : storeFault(error)
  }

  keptMs(): number {
    return Number.POSITIVE_INFINITY
  }

  async write(readings: readonly Reading[]): Promise<WriteResult> {
    let corrected = 0
    if (readings.length === 0) return { corrected }
    await this.#change(
      (connection) => this.#append(connection, readings),
      (appended) => {
        for (const each of appended) {
          each.committed()
          corrected += each.corrected
        }
      },
      batchFault,
    )
    return { corrected }
  }

  async #append(connection: DuckDBConnection, readings: readonly Reading[]): Promise<Appended[]> {
    const appended: Appended[] = []
    for (const kind of kinds) {
      const some = readings.filter((reading) => reading.kind === kind)
      if (some.length === 0) continue
      const table = this.#tables.get(kind) ?? (await ReadingTable.open(connection, kind))
      this.#tables.set(kind, table)
      appended.push(await table.append(connection, some))
    }
    return appended
  }

  async latest(): Promise<NewestReading[]> {
    const readings: NewestReading[] = []
    for (const kind of kinds) readings.push(...(await this.#complete(kind, await this.#rows(latestSql(kind)))))
    return readings
  }

  /** Newest rows of a kind as readings with the newest of each value. */
  #complete(
    kind: Kind,
    rows: readonly Record<string, DuckDBValue>[],
    context?: QueryContext,
  ): Promise<NewestReading[]> {
    const readings = rows.flatMap((row) => this.#stored.readingOf(unpackedRow(kind, row)) ?? [])
    return withOlderValues(
      kind,
      readings,
      (query) => this.#newestValues(query, context),
      (sensors) => this.#stored.withoutOlder(kind, sensors),
    )
  }

  async #newestValues({ kind, values, from, to }: ValuesQuery, context?: QueryContext): Promise<FoundValue[]> {
    const rows = await this.#rows(newestValuesSql(kind, values), { from: BigInt(from), to: BigInt(to) }, context)
    return rows.flatMap((row) =>
      values.flatMap((name) => {
        if (row[name] === null) return []
        const value = this.#stored.valueOf(kind, name, row[name], row.sensor)
        return value === undefined ? [] : { sensor: String(row.sensor), name, ts: Number(row[`ts_${name}`]), value }
      }),
    )
  }

  async history({ kind, sensor, value, from, to, limit }: HistoryQuery, context?: QueryContext): Promise<Point[]> {
    const span = { sensor, from: BigInt(from), to: BigInt(to), limit }
    const rows = await this.#rows(historySql(kind, value), span, context)
    return rows.map((row) => ({ ts: Number(row.ts), value: row.value as Value })) // a DOUBLE or VARCHAR that is not null
  }

  async buckets(query: BucketQuery, context?: QueryContext): Promise<Point[]> {
    const { kind, sensor, value, from, to, limit, window, origin = 0, fn } = query
    const grid = { window: BigInt(window), phase: BigInt(phaseOf(origin, window)) }
    const span = { sensor, from: BigInt(from), to: BigInt(to), ...grid, limit }
    const rows = await this.#rows(bucketsSql(kind, value, fn), span, context)
    return rows.map((row) => ({ ts: Number(row.bucket), value: Number(row.value) }))
  }

  async count(kind?: Kind): Promise<number> {
    let total = 0
    for (const each of kind ? [kind] : kinds)
      total += Number((await this.#rows(`SELECT count(*) AS n FROM ${tableOf(each)}`))[0]?.n)
    return total
  }

  async newest(
    { kind, from, to }: { kind: Kind; from: number; to: number },
    context?: QueryContext,
  ): Promise<NewestReading[]> {
    const rows = await this.#rows(newestSql(kind), { from: BigInt(from), to: BigInt(to) }, context)
    return this.#complete(kind, rows, context)
  }

  async newestAhead({ kind, from, to }: { kind: Kind; from: number; to: number }): Promise<Reading[]> {
    const rows = await this.#rows(newestSql(kind, 'ahead'), { from: BigInt(from), to: BigInt(to) })
    return rows.flatMap((row) => this.#stored.readingOf(unpackedRow(kind, row)) ?? [])
  }

  async *readings(query: ReadingsQuery, context?: QueryContext) {
    const { kind, sensor, from, to, step, limit } = query
    const values = {
      ...{ from: BigInt(from), to: BigInt(to), limit },
      ...(sensor === undefined ? {} : { sensor }),
      ...(step === undefined ? {} : { step: BigInt(step) }),
    }
    const pages = this.#pages(readingsSql(query), values, context)
    for await (const { names, rows } of pages)
      yield rows.flatMap((row) => {
        const held = Object.fromEntries(names.map((name, at) => [name, row[at]]))
        return this.#stored.readingOf(unpackedRow(kind, held)) ?? []
      })
  }

  async counts(
    { kind, from, to, window }: CountsQuery,
    context?: QueryContext,
  ): Promise<{ ts: number; count: number }[]> {
    const span = { from: BigInt(from), to: BigInt(to), window: BigInt(window) }
    const rows = await this.#rows(countsSql(kind), span, context)
    return rows.map(({ bucket, n }) => ({ ts: Number(bucket), count: Number(n) }))
  }

  async means({ kind, values, from, to, window }: MeansQuery, context?: QueryContext): Promise<SensorMeans[]> {
    const span = { from: BigInt(from), to: BigInt(to), window: BigInt(window) }
    return (await this.#rows(meansSql(kind, values), span, context)).map((row) => ({
      sensor: String(row.sensor),
      ts: Number(row.bucket),
      values: meansOf(values, row),
    }))
  }

  async *identities({ kind, from, to }: { kind: Kind; from: number; to: number }) {
    const sql = `SELECT sensor, ts FROM ${tableOf(kind)} WHERE ts >= $from AND ts < $to`
    for await (const { rows } of this.#pages(sql, { from: BigInt(from), to: BigInt(to) }))
      yield rows.map(([sensor, ts]) => ({ sensor: String(sensor), ts: Number(ts) }))
  }

  /** The rows of a query as DuckDB's chunks of them. */
  async *#pages(sql: string, values: Record<string, DuckDBValue>, context?: QueryContext) {
    const { people, pages } = (await this.open()).readers
    const lease = await (context ? people : pages).lease(context?.signal)
    try {
      const result = await lease.connection.stream(sql, values)
      const names = result.columnNames()
      for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        if (lease.endedBy()) break
        yield { names, rows: chunk.getRows() }
      }
      if (lease.endedBy()) throw lease.endedBy()
    } catch (error) {
      throw this.#faultOf(lease.endedBy() ?? error, context)
    } finally {
      lease.release()
    }
  }

  async appendEvents(events: readonly StoredEvent[]): Promise<void> {
    if (events.length === 0) return
    await this.#change((connection) => appendEvents(connection, events))
  }

  async readEvents(query: EventsQuery, context?: QueryContext): Promise<StoredEvent[]> {
    const bySubject = query.subject !== undefined || query.subjectPart !== undefined
    const { sql, values } = eventsSql(query)
    const rows = await (bySubject ? this.#filledRows(sql, values, context) : this.#rows(sql, values, context))
    return rows.map((row) => eventOf(query, row))
  }

  async eventHeads(query: EventsQuery, context?: QueryContext): Promise<EventHead[]> {
    const { sql, values } = eventHeadsSql(query)
    return (await this.#filledRows(sql, values, context)).map(headOf)
  }

  async eventAmounts(query: AmountsQuery, context?: QueryContext): Promise<{ ts: number; amount: number }[]> {
    const { sql, values } = eventAmountsSql(query)
    const rows = await this.#filledRows(sql, values, context)
    return rows.map(({ bucket, amount }) => ({ ts: Number(bucket), amount: Number(amount) }))
  }

  async searchAlerts(search: AlertSearch, context?: QueryContext): Promise<AlertsFound> {
    const { sql, values } = alertSearchSql(search)
    const [row] = await this.#filledRows(sql, values, context)
    return alertsFound(search, row)
  }

  async countEvents(stream: EventStream, context?: QueryContext): Promise<number> {
    const [row] = await this.#rows('SELECT count(*) AS n FROM events WHERE stream = $stream', { stream }, context)
    return Number(row?.n)
  }

  async putDocument(collection: DocumentCollection, { id, body }: StoredDocument): Promise<void> {
    await this.#change(async (connection) => {
      await connection.run('INSERT OR REPLACE INTO documents VALUES ($collection, $id, $body)', {
        ...{ collection, id, body: JSON.stringify(body) },
      })
    })
  }

  async removeDocument(collection: DocumentCollection, id: string): Promise<void> {
    await this.#change(async (connection) => {
      await connection.run('DELETE FROM documents WHERE collection = $collection AND id = $id', { collection, id })
    })
  }

  async readDocuments(collection: DocumentCollection): Promise<StoredDocument[]> {
    const sql = 'SELECT id, body FROM documents WHERE collection = $collection ORDER BY id'
    const rows = await this.#rows(sql, { collection })
    return rows.map(({ id, body }) => ({ id: String(id), body: JSON.parse(String(body)) }))
  }

  /** A day at a time: writes go on in between, and a close waits for one day only. */
  async trim(before: number): Promise<void> {
    for (const table of kinds.map(tableOf))
      for (let oldest = await this.#oldest(table); oldest < before; oldest = await this.#oldest(table)) {
        const to = BigInt(Math.min(before, oldest + dayMs))
        await this.#change(async (connection) => {
          await connection.run(`DELETE FROM ${table} WHERE ts < $to`, { to })
        })
      }
    await this.#change(async (connection) => {
      for (const stream of eventStreams.filter((name) => !lastingStreams.includes(name)))
        await connection.run('DELETE FROM events WHERE ts < $before AND stream = $stream', {
          before: BigInt(before),
          stream,
        })
    })
  }

  /** The earliest time in a table, epoch ms; infinite when it is empty. */
  async #oldest(table: string): Promise<number> {
    const [row] = await this.#rows(`SELECT min(ts) AS oldest FROM ${table}`)
    return Number(row?.oldest ?? Number.POSITIVE_INFINITY)
  }

  async trimEvents(stream: EventStream, before: number): Promise<void> {
    await this.#change(async (connection) => {
      await connection.run('DELETE FROM events WHERE stream = $stream AND ts < $before', {
        stream,
        before: BigInt(before),
      })
    })
  }

  async ping(): Promise<void> {
    try {
      await this.#change(async (connection) => {
        await connection.run('UPDATE probe SET mark = mark + 1')
      })
      await this.#rows('SELECT mark FROM probe')
    } catch (error) {
      // the probe is well: whoever refuses it takes nothing
      if (error instanceof StoreUnavailableError) throw error
      throw new StoreUnavailableError(`DuckDB takes nothing now: ${String(error)}`, { cause: error })
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.migrate.close()
    await this.#oneAtATime(() => {}) // all that was begun before
    this.#closed = true
    await this.#release()
  }
}

async function inTransaction<T>(
  connection: DuckDBConnection,
  change: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  await connection.run('BEGIN')
  try {
    const result = await change(connection)
    await connection.run('COMMIT')
    return result
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => {}) // the first fault is the one to tell
    throw error
  }
}
