import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { HttpError } from '@influxdata/influxdb-client'
import { ConfigError } from '#telemetry/errors.ts'
import { storageConfig } from '../config.ts'
import { type Series, seriesOf } from './answer.ts'
import { type Transport, withDeadline } from './deadline-transport.ts'
import { isDatabaseMissing } from './errors.ts'
import { probe } from './probe.ts'
import { deleteQuery, type InfluxQuery, sensorsQuery } from './queries.ts'

/** Where InfluxDB is and whom to be there. With a token it is 2.x, without one 1.x. */
export interface InfluxConnectionOptions {
  url: string
  token?: string
  /** organisation of 2.x */
  org?: string
  /** bucket of 2.x, database of 1.x */
  bucket: string
  /** ms that a request may take; counting everything, and deleting, may take longer */
  timeoutMs?: number
}

/** connections kept open at once */
const maxSockets = 8
const defaultTimeoutMs = 10_000
/** ms that counting everything, or deleting, may take */
export const slowTimeoutMs = 120_000
/** ms without traffic after which a connection is closed: longer than any request, shorter than the 3 minutes that 2.x waits */
const idleMs = 150_000

/** When a question is given up: after a time, or once a signal is aborted. */
interface Limits {
  timeoutMs?: number
  signal?: AbortSignal
}

/** One InfluxDB, 1.x or 2.x. Its methods reject with what the client throws, or with StatementError. */
export class InfluxConnection {
  readonly #options: InfluxConnectionOptions
  readonly #agent: HttpAgent
  readonly #transport: Transport

  constructor(options: InfluxConnectionOptions) {
    const { url, token } = options
    this.#options = options
    const agentOptions = { keepAlive: true, maxSockets, timeout: idleMs }
    this.#agent = url.startsWith('https:') ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions)
    const client = { url, ...(token ? { token } : {}), transportOptions: { agent: this.#agent } }
    this.#transport = withDeadline(client, options.timeoutMs ?? defaultTimeoutMs)
  }

  /** Reaches the server, makes the database of 1.x when it is missing, tries token and bucket of 2.x. */
  async prepare(): Promise<void> {
    await this.#ping()
    if (this.#options.token) await this.#ask(sensorsQuery('traffic'))
    else await this.#createDatabase()
  }

  /** Whether it takes what it is given and answers with that: a point is written and read back. */
  async check(): Promise<void> {
    await probe({ write: (body) => this.write(body, 'ms'), query: (query) => this.query(query) })
  }

  async #ping(): Promise<void> {
    await this.#transport.request('/ping', '', { method: 'GET', headers: { accept: 'text/plain' } })
  }

  /** Writes lines; durable when it resolves. */
  async write(body: string, precision: 'ms' | 'ns'): Promise<void> {
    try {
      await this.#write(body, precision)
    } catch (error) {
      if (this.#options.token || !isDatabaseMissing(error)) throw error
      await this.#createDatabase()
      await this.#write(body, precision)
    }
  }

  async #write(body: string, precision: 'ms' | 'ns'): Promise<void> {
    const { org = '', bucket, token } = this.#options
    const path = token
      ? `/api/v2/write?${new URLSearchParams({ org, bucket, precision })}`
      : `/write?${new URLSearchParams({ db: bucket, precision })}`
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

  async #ask({ text, params = {} }: InfluxQuery, { timeoutMs, signal }: Limits = {}): Promise<Series[]> {
    const late = AbortSignal.timeout(timeoutMs ?? this.#options.timeoutMs ?? defaultTimeoutMs)
    const { org, bucket } = this.#options
    const path = `/query?${new URLSearchParams({ db: bucket, ...(org ? { org } : {}) })}`
    const form = new URLSearchParams({ q: text, params: JSON.stringify(params), epoch: 'ms' })
    const answer: unknown = await this.#transport.request(path, form.toString(), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      signal: signal ? AbortSignal.any([signal, late]) : late,
    })
    return seriesOf(answer)
  }

  async #createDatabase(): Promise<void> {
    // a name cannot be bound in this statement
    const { data, error } = storageConfig.shape.INFLUX_BUCKET.safeParse(this.#options.bucket)
    if (error) throw new ConfigError(`INFLUX_BUCKET is "${this.#options.bucket}": ${error.issues[0]?.message}`)
    await this.#ask({ text: `CREATE DATABASE "${data}"` })
  }

  /** Deletes every point of a measurement before this time (epoch ms). */
  async deleteBefore(before: number, measurement: string): Promise<void> {
    if (this.#options.token) await this.#deleteThroughApi(measurement, before)
    else await this.query(deleteQuery(measurement, before), { timeoutMs: slowTimeoutMs })
  }

  async #deleteThroughApi(measurement: string, before: number): Promise<void> {
    const { org = '', bucket } = this.#options
    // `stop` is deleted too: the last nanosecond before
    const stop = new Date(before - 1).toISOString().replace('Z', '999999Z')
    const body = { start: new Date(0).toISOString(), stop, predicate: `_measurement="${measurement}"` }
    await this.#transport.request(`/api/v2/delete?${new URLSearchParams({ org, bucket })}`, body, {
      method: 'POST',
      signal: AbortSignal.timeout(slowTimeoutMs),
    })
  }

  /** Cuts every connection; requests under way fail. */
  close(): void {
    this.#agent.destroy()
  }
}
