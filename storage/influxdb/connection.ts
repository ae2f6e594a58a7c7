import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { HttpError } from '@influxdata/influxdb-client'
import { ConfigError } from '#telemetry/errors.ts'
import { type DatabaseLocation, databaseLocation, findDatabaseLocation, policyKeptMs } from './database-location.ts'
import { type Transport, withDeadline } from './deadline-transport.ts'
import { isDatabaseMissing, StatementError } from './errors.ts'
import type { InfluxQuery } from './influxql.ts'
import type { InfluxConnectionOptions } from './options.ts'
import { probe } from './probe.ts'
import { type Series, seriesOf } from './query-response.ts'
import { deleteQuery, policiesQuery } from './retention-influxql.ts'
import { bucketKeptMs, findBucket } from './v2/bucket.ts'
import type { AskApi } from './v2/management-api.ts'

/** connections kept open at once */
const maxSockets = 8
const defaultTimeoutMs = 10_000
/** ms that counting everything, or deleting, may take */
export const slowTimeoutMs = 120_000
/** ms without traffic after which a connection is closed: longer than any request, shorter than the 3 minutes that 2.x waits */
const idleMs = 150_000

const jsonHeaders = { 'content-type': 'application/json' }
/** ms between two looks at how long readings are kept */
const defaultKeptAgainMs = 60_000
/** ms between two looks for a bucket that is gone */
const findAgainMs = 10_000
/** what a database of 1.x may be called: it stands in a statement, in which a name cannot be bound */
const databaseName = /^[^\p{C}"\\/]{1,255}$/u

/** When a question is given up: after a time, or once a signal is aborted. */
interface Limits {
  timeoutMs?: number
  signal?: AbortSignal
}

/** One InfluxDB, 1.x or 2.x. Its methods reject with HttpError, TransportError or StatementError. */
export class InfluxConnection {
  readonly #options: InfluxConnectionOptions
  readonly #agent: HttpAgent
  readonly #transport: Transport
  readonly #api: AskApi = {
    get: (path, asked) =>
      this.#transport.request(`/api/v2/${path}?${new URLSearchParams(asked)}`, '', { method: 'GET' }),
    post: (path, body) =>
      this.#transport.request(`/api/v2/${path}`, JSON.stringify(body), { method: 'POST', headers: jsonHeaders }),
  }
  #location: DatabaseLocation
  #foundAt = Number.NEGATIVE_INFINITY
  #keptAt = performance.now()

  constructor(options: InfluxConnectionOptions) {
    const { url, token } = options
    this.#options = options
    this.#location = databaseLocation(options.bucket)
    const agentOptions = { keepAlive: true, maxSockets, timeout: idleMs }
    this.#agent = url.startsWith('https:') ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions)
    const client = { url, ...(token ? { token } : {}), transportOptions: { agent: this.#agent } }
    this.#transport = withDeadline(client, options.timeoutMs ?? defaultTimeoutMs)
  }

  /** ms that InfluxDB keeps points by itself; infinite when it keeps them for ever. Known once prepared, and looked at again behind writes. */
  get keptMs(): number {
    return this.#location.keptMs
  }

  /**
   * Reaches the server; makes the database of 1.x, or the bucket of 2.x, when it is missing and may be made; finds out how the
   * bucket is read, and that what is written is read back.
   */
  async prepare(): Promise<void> {
    await this.#transport.request('/ping', '', { method: 'GET', headers: { accept: 'text/plain' } })
    if (this.#options.token) await this.#findBucket({ make: true })
    else await this.#openDatabase()
  }

  async #openDatabase(): Promise<void> {
    await this.#createDatabase()
    await this.check()
    await this.#readRetention()
  }

  async #readRetention(): Promise<void> {
    const { token, url, org = '', bucket } = this.#options
    const found = token ? await findBucket(this.#api, { url, org, bucket }) : undefined
    if (token && found?.id !== this.#location.write.bucket) return // gone, or another one: that is a write's to find out
    const keptMs = found ? bucketKeptMs(found) : policyKeptMs(await this.#ask(policiesQuery))
    this.#location = { ...this.#location, keptMs }
  }

  /** Reads the retention behind a write, when it is time: nobody waits for it, and while it fails what was known stands. */
  #refreshRetention(): void {
    const now = performance.now()
    if (now - this.#keptAt < (this.#options.keptAgainMs ?? defaultKeptAgainMs)) return
    this.#keptAt = now
    void this.#readRetention().catch(() => {})
  }

  async #findBucket({ make }: { make: boolean }): Promise<void> {
    this.#foundAt = performance.now()
    const { url, org = '', bucket } = this.#options
    const leadsThere = (location: DatabaseLocation) => this.#leadsThere(location)
    const location = await findDatabaseLocation({ url, org, bucket }, { ask: this.#api, leadsThere, make })
    if (location) this.#location = location
  }

  /** Whether what is written to a location is read back from it. Rejects when it cannot be written. */
  async #leadsThere(location: DatabaseLocation): Promise<boolean> {
    const query = (asked: InfluxQuery) =>
      this.#ask(asked, {}, location).catch((error: unknown) => {
        // there is nothing behind the mapping, or nothing that the token may read
        const nothing = error instanceof HttpError && [400, 403, 404].includes(error.statusCode)
        throw nothing ? new StatementError(error.message) : error
      })
    try {
      await probe({ write: (body) => this.#write(body, 'ms', location), query })
      return true
    } catch (error) {
      if (error instanceof StatementError) return false
      throw error
    }
  }

  /** Whether it takes what it is given and answers with that: a point is written and read back. */
  async check(): Promise<void> {
    await probe({ write: (body) => this.write(body, 'ms'), query: (query) => this.query(query) })
  }

  /** Writes lines; durable when it resolves. */
  async write(body: string, precision: 'ms' | 'ns'): Promise<void> {
    try {
      await this.#write(body, precision)
    } catch (error) {
      if (this.#options.token) await this.#findBucketAgain(error)
      if (this.#options.token || !isDatabaseMissing(error)) throw error
      await this.#createDatabase()
      await this.#write(body, precision)
    }
    this.#refreshRetention()
  }

  /** A bucket that was deleted may be there again, with another id: the next write goes to that one. None is made: that is to be seen. */
  async #findBucketAgain(error: unknown): Promise<void> {
    const gone = error instanceof HttpError && error.statusCode === 404
    if (!gone || performance.now() - this.#foundAt < findAgainMs) return
    await this.#findBucket({ make: false }).catch(() => {}) // the fault of the write is the one to report
  }

  async #write(body: string, precision: 'ms' | 'ns', { write }: DatabaseLocation = this.#location): Promise<void> {
    const path = `${this.#options.token ? '/api/v2' : ''}/write?${new URLSearchParams({ ...write, precision })}`
    let status = 0
    // not through the client's WriteApi: its batches and retries end in a log line and lost data, and it counts a body's bytes one by one
    const options = { method: 'POST', headers: { 'content-type': 'text/plain; charset=utf-8' } }
    await this.#transport.request(path, body, options, (_headers, statusCode) => {
      status = statusCode ?? 0
    })
    if (status !== 204) throw new HttpError(status, 'where InfluxDB answers 204')
  }

  /** The tables that answer a query; none when the database of 1.x is missing. */
  async query(query: InfluxQuery, limits: Limits = {}): Promise<Series[]> {
    try {
      return await this.#ask(query, limits)
    } catch (error) {
      if (this.#options.token || !isDatabaseMissing(error)) throw error
      await this.#createDatabase()
      return []
    }
  }

  async #ask(
    { text, params = {} }: InfluxQuery,
    { timeoutMs, signal }: Limits = {},
    { read }: DatabaseLocation = this.#location,
  ): Promise<Series[]> {
    const late = AbortSignal.timeout(timeoutMs ?? this.#options.timeoutMs ?? defaultTimeoutMs)
    const path = `/query?${new URLSearchParams(read)}`
    const form = new URLSearchParams({ q: text, params: JSON.stringify(params), epoch: 'ms' })
    const answer: unknown = await this.#transport.request(path, form.toString(), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      signal: signal ? AbortSignal.any([signal, late]) : late,
    })
    return seriesOf(answer)
  }

  async #createDatabase(): Promise<void> {
    const { bucket } = this.#options
    if (!databaseName.test(bucket) || /^\.+$/.test(bucket))
      throw new ConfigError(
        `INFLUX_BUCKET is "${bucket}": a database of InfluxDB 1.x (there is no INFLUX_TOKEN) has a name without quotes, slashes and backslashes`,
      )
    await this.#ask({ text: `CREATE DATABASE "${bucket}"` })
  }

  /** Deletes every point of a measurement before this time (epoch ms). */
  async deleteBefore(before: number, measurement: string): Promise<void> {
    if (this.#options.token) await this.#deleteThroughApi(measurement, before)
    else await this.query(deleteQuery(measurement, before), { timeoutMs: slowTimeoutMs })
  }

  async #deleteThroughApi(measurement: string, before: number): Promise<void> {
    // `stop` is deleted too: the last nanosecond before
    const stop = new Date(before - 1).toISOString().replace('Z', '999999Z')
    const body = { start: new Date(0).toISOString(), stop, predicate: `_measurement="${measurement}"` }
    await this.#transport.request(`/api/v2/delete?${new URLSearchParams(this.#location.write)}`, body, {
      method: 'POST',
      signal: AbortSignal.timeout(slowTimeoutMs),
    })
  }

  /** Cuts every connection; requests under way fail. */
  close(): void {
    this.#agent.destroy()
  }
}
