import type { DuckDBConnection } from '@duckdb/node-api'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import { AbortListeners } from './abort-listeners.ts'

/** questions that wait for a connection; more are refused */
const maxWaiting = 1_000
/** ms between two tries to end a query: one that has not begun yet forgets that it was interrupted */
const interruptEveryMs = 20

interface Waiting {
  resolve(connection: DuckDBConnection): void
  refuse(reason: unknown): void
}

/**
 * The pool of DuckDB connections that read, a few, opened when they are first needed: each runs one query at a time, so that a long answer holds up
 * none but its own.
 */
export class ReadConnections {
  readonly #connect: () => Promise<DuckDBConnection>
  readonly #size: number
  readonly #idle: DuckDBConnection[] = []
  readonly #waiting: Waiting[] = []
  readonly #running = new Set<Promise<unknown>>()
  readonly #aborts = new AbortListeners()
  readonly #stops = new Set<(reason: unknown) => void>()
  #open = 0
  #closed = false

  constructor(connect: () => Promise<DuckDBConnection>, size: number) {
    this.#connect = connect
    this.#size = size
  }

  /**
   * Does something with a connection of its own. Rejects with the signal's reason once that is aborted; the query under way is
   * ended in DuckDB too.
   */
  async use<T>(task: (connection: DuckDBConnection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const lease = await this.lease(signal)
    try {
      return await task(lease.connection)
    } catch (error) {
      throw lease.endedBy() ?? error
    } finally {
      lease.release()
    }
  }

  /** A connection until it is released, which must happen. `endedBy`: why what ran on it was ended, if it was. */
  async lease(signal?: AbortSignal): Promise<Lease> {
    signal?.throwIfAborted()
    const connection = await this.#acquire(signal)
    let reason: unknown
    let timer: NodeJS.Timeout | undefined
    const stop = (why: unknown) => {
      reason ??= why
      connection.interrupt()
      timer ??= setInterval(() => connection.interrupt(), interruptEveryMs)
    }
    const onAbort = () => stop(signal?.reason)
    let finish = () => {}
    const running = new Promise<void>((resolve) => {
      finish = resolve
    })
    this.#running.add(running)
    this.#stops.add(stop)
    const heard = this.#aborts.add(signal, onAbort)
    if (signal?.aborted) onAbort()
    return {
      connection,
      endedBy: () => reason,
      release: () => {
        clearInterval(timer)
        heard()
        this.#stops.delete(stop)
        this.#running.delete(running)
        this.#release(connection)
        finish()
      },
    }
  }

  /** Ends what is under way and closes the connections once nothing runs on them: closing one under a query ends the process. */
  async close(): Promise<void> {
    this.#closed = true
    const reason = new StoreUnavailableError('the store is closed')
    for (const { refuse } of this.#waiting.splice(0)) refuse(reason)
    for (const stop of this.#stops) stop(reason)
    await Promise.allSettled(this.#running)
    for (const connection of this.#idle.splice(0)) connection.closeSync()
  }

  async #acquire(signal: AbortSignal | undefined): Promise<DuckDBConnection> {
    if (this.#closed) throw new StoreUnavailableError('the store is closed')
    const idle = this.#idle.pop()
    if (idle) return idle
    if (this.#open < this.#size) {
      this.#open += 1
      try {
        return await this.#connect()
      } catch (error) {
        this.#open -= 1
        throw error
      }
    }
    if (this.#waiting.length >= maxWaiting) throw new StoreUnavailableError('too many questions wait for the store')
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        reject(signal?.reason)
      }
      const waiting: Waiting = {
        resolve: (connection) => {
          heard()
          resolve(connection)
        },
        refuse: (reason) => {
          heard()
          reject(reason)
        },
      }
      const heard = this.#aborts.add(signal, onAbort)
      this.#waiting.push(waiting)
    })
  }

  #release(connection: DuckDBConnection): void {
    const next = this.#waiting.shift()
    if (next) next.resolve(connection)
    else if (this.#closed) connection.closeSync()
    else this.#idle.push(connection)
  }
}

interface Lease {
  connection: DuckDBConnection
  endedBy(): unknown
  release(): void
}
