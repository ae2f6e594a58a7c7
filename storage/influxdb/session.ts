import { StoreUnavailableError } from '#telemetry/errors.ts'
import type { QueryContext } from '../store.ts'
import { type InfluxConnection, slowTimeoutMs } from './connection.ts'
import { isOfInfluxdb, storeFault } from './errors.ts'
import type { InfluxQuery } from './influxql.ts'
import { MeasurementLocks } from './measurement-locks.ts'
import type { Series } from './query-response.ts'
import { olderQuery } from './retention-influxql.ts'

/** What the store does with InfluxDB: each request is known until it ends, and its faults come out as the store's. */
export class InfluxSession {
  /** where InfluxDB is, for messages */
  readonly url: string
  readonly #connection: InfluxConnection
  readonly #underWay = new Set<Promise<unknown>>()
  readonly #locks = new MeasurementLocks()
  /** operations of several requests that are under way */
  #operations = 0
  #closed = false

  constructor(connection: InfluxConnection, url: string) {
    this.#connection = connection
    this.url = url
  }

  /** ms that InfluxDB keeps points by itself; infinite when it keeps them for ever */
  get keptMs(): number {
    return this.#connection.keptMs
  }

  /**
   * Does something with InfluxDB. Its faults come out as the store's; those of our own code stay what they are.
   * @throws StoreUnavailableError, StoreRejectedError, the reason of the context's signal once that is aborted
   */
  async use<T>(task: (connection: InfluxConnection) => Promise<T>, context?: QueryContext): Promise<T> {
    context?.signal.throwIfAborted()
    // a close waits for operations, and these go on with what they are made of
    if (this.#closed && this.#operations === 0) throw new StoreUnavailableError('the store is closed')
    const running = task(this.#connection)
    this.#underWay.add(running)
    try {
      return await running
    } catch (error) {
      context?.signal.throwIfAborted()
      throw isOfInfluxdb(error) ? storeFault(error, this.url) : error
    } finally {
      this.#underWay.delete(running)
    }
  }

  /** Does something of several requests: a close waits for all of it. */
  async during<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new StoreUnavailableError('the store is closed')
    this.#operations += 1
    const running = task()
    this.#underWay.add(running)
    try {
      return await running
    } finally {
      this.#operations -= 1
      this.#underWay.delete(running)
    }
  }

  /** Writes to these measurements, apart from deletes of them. */
  write(measurements: readonly string[], task: (connection: InfluxConnection) => Promise<void>): Promise<void> {
    return this.use((connection) => this.#locks.write(measurements, () => task(connection)))
  }

  /** Deletes every point of a measurement before this time (epoch ms), apart from writes to it; nothing is asked of InfluxDB where none is. */
  async deleteBefore(before: number, measurement: string): Promise<void> {
    const older = await this.query(olderQuery(measurement, before), undefined, { timeoutMs: slowTimeoutMs })
    if (older.length === 0) return
    await this.use((connection) => this.#locks.delete(measurement, () => connection.deleteBefore(before, measurement)))
  }

  /** The tables that answer a query. */
  query(query: InfluxQuery, context?: QueryContext, limits: { timeoutMs?: number } = {}): Promise<Series[]> {
    return this.use((connection) => connection.query(query, { ...limits, ...context }), context)
  }

  /** Begins nothing new and waits for what is under way. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.allSettled(this.#underWay)
    this.#connection.close()
  }
}
