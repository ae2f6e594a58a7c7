import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import pLimit from 'p-limit'
import type { Logger } from 'pino'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import type { QueryContext } from '../store.ts'
import { isFatal, storeFault } from './errors.ts'
import { closeDatabase, type OpenDatabase, openDatabase } from './open-database.ts'

/** ms that the platform's own queries may take */
const longestMs = 120_000

/** A row by the names of its columns. */
export type Row = Record<string, DuckDBValue>

/** Does something within a transaction. */
export type Change<T> = (connection: DuckDBConnection) => Promise<T>

/** A DuckDB file: transactions one after the other, queries beside them. It is opened anew after a fault that DuckDB does not survive. */
export class Database {
  readonly #options: { path: string; log: Logger }
  readonly #writeFaultListeners: (() => void)[] = []
  #opening: Promise<OpenDatabase> | undefined
  readonly #oneAtATime = pLimit(1)
  /** set once nothing new is begun */
  #closing: Promise<void> | undefined
  #closed = false

  constructor(options: { path: string; log: Logger }) {
    this.#options = options
  }

  /** Opens the file, once for all who ask. @throws ConfigError when it cannot be opened, StoreUnavailableError once closed */
  async open(): Promise<OpenDatabase> {
    if (this.#closed) throw new StoreUnavailableError('the store is closed')
    this.#opening ??= openDatabase(this.#options.path).catch((error) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  /** Whether nothing new is begun. */
  get isClosing(): boolean {
    return this.#closing !== undefined
  }

  /** Calls back after each transaction that failed: whether what was known of the tables still holds is not certain. */
  onWriteFault(listener: () => void): void {
    this.#writeFaultListeners.push(listener)
  }

  /** Runs a change after all earlier ones, in a transaction, then `done`. After a fault that DuckDB does not survive the file is opened anew. */
  transaction<T>(
    change: Change<T>,
    done: (result: T) => void = () => {},
    faultOf: (error: unknown) => unknown = storeFault,
  ): Promise<void> {
    if (this.#closing) return Promise.reject(new StoreUnavailableError('the store is closed'))
    return this.#oneAtATime(async () => {
      try {
        const { writer } = await this.open()
        done(await inTransaction(writer, change))
      } catch (error) {
        for (const listener of this.#writeFaultListeners) listener()
        if (isFatal(error)) {
          this.#options.log.error({ err: error }, 'the store failed and is opened anew')
          await this.#release()
        }
        throw faultOf(error)
      }
    })
  }

  /** Runs one statement in a transaction. */
  async run(sql: string, values: Row = {}): Promise<void> {
    await this.transaction(async (connection) => {
      await connection.run(sql, values)
    })
  }

  /** The rows of a query, on a connection of those kept for its context; it waits for `ready` first. */
  async rows(
    sql: string,
    values: Row = {},
    context?: QueryContext,
    ready?: (signal: AbortSignal) => Promise<void>,
  ): Promise<Row[]> {
    const read = async (reader: DuckDBConnection) => (await reader.runAndReadAll(sql, values)).getRowObjects()
    return await this.#read(read, context, ready)
  }

  /**
   * Asks several things of one state of the tables, on one connection. Nothing is changed: temporary tables that `ask` makes are
   * undone when it is done. It waits for `ready` first.
   */
  async snapshot<T>(
    ask: (connection: DuckDBConnection) => Promise<T>,
    context?: QueryContext,
    ready?: (signal: AbortSignal) => Promise<void>,
  ): Promise<T> {
    return await this.#read((reader) => inSnapshot(reader, ask), context, ready)
  }

  async #read<T>(
    read: (reader: DuckDBConnection) => Promise<T>,
    context: QueryContext | undefined,
    ready: ((signal: AbortSignal) => Promise<void>) | undefined,
  ): Promise<T> {
    const signal = context?.signal ?? AbortSignal.timeout(longestMs)
    try {
      await ready?.(signal)
      const { people, platform } = (await this.open()).readers
      return await (context ? people : platform).use(read, signal)
    } catch (error) {
      if (!context && error === signal.reason)
        throw new StoreUnavailableError(`DuckDB did not answer within ${longestMs / 1_000} s`, { cause: error })
      throw faultIn(context, error)
    }
  }

  /** The rows of a query as DuckDB's chunks of them. */
  async *pages(sql: string, values: Row, context?: QueryContext) {
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
      throw faultIn(context, lease.endedBy() ?? error)
    } finally {
      lease.release()
    }
  }

  /** Begins nothing new, waits for the transactions under way, ends the queries. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#oneAtATime(() => {}) // all that was begun before
    this.#closed = true
    await this.#release()
  }

  async #release(): Promise<void> {
    const opening = this.#opening
    this.#opening = undefined
    const database = await opening?.catch(() => undefined)
    if (database) await closeDatabase(database)
  }
}

/** A fault of a query; the reason of an aborted query stays as it is. */
function faultIn(context: QueryContext | undefined, error: unknown): unknown {
  return context?.signal.aborted && error === context.signal.reason ? error : storeFault(error)
}

async function inTransaction<T>(connection: DuckDBConnection, change: Change<T>): Promise<T> {
  await connection.run('BEGIN')
  try {
    const result = await change(connection)
    await connection.run('COMMIT')
    return result
  } catch (error) {
    await connection.run('ROLLBACK').catch(() => {}) // the first fault is the one to report
    throw error
  }
}

async function inSnapshot<T>(
  connection: DuckDBConnection,
  ask: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  await connection.run('BEGIN')
  try {
    return await ask(connection)
  } finally {
    await connection.run('ROLLBACK')
  }
}
