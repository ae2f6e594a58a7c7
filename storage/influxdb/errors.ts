import { HttpError } from '@influxdata/influxdb-client'
import { z } from 'zod'
import { ConfigError, StoreRejectedError, StoreUnavailableError, UnreachableError } from '#telemetry/errors.ts'

/** characters of InfluxDB's own words that are passed on: it quotes whole lines */
const maxWords = 500

const faultBody = z.object({ error: z.string().optional(), message: z.string().optional() })

/** A statement that InfluxDB answered with a fault inside an answer that is otherwise well. */
export class StatementError extends Error {}

function httpWords(error: HttpError): string {
  const { data } = faultBody.safeParse(error.json)
  return data?.error ?? data?.message ?? error.body ?? error.statusMessage ?? ''
}

/** What InfluxDB, or the network on the way to it, said: in one line, bounded. */
function faultWords(error: unknown): string {
  if (error instanceof HttpError)
    return `HTTP ${error.statusCode} ${httpWords(error)}`.replace(/\s+/g, ' ').trim().slice(0, maxWords)
  if (!(error instanceof Error)) return String(error).slice(0, maxWords)
  // a name with two addresses fails with an AggregateError, which has a code and no message
  const words = error.message || ('code' in error ? String(error.code) : error.name)
  return words.replace(/\s+/g, ' ').slice(0, maxWords)
}

/** Reads Retry-After, which is in seconds or an HTTP date, as ms from `now`; undefined when it says nothing useful. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000
  const waitMs = Date.parse(header) - now
  return waitMs > 0 ? waitMs : undefined
}

/** True when the database of 1.x is not there. */
export function isDatabaseMissing(error: unknown): boolean {
  if (error instanceof HttpError) return error.statusCode === 404 && httpWords(error).includes('database not found')
  return error instanceof StatementError && error.message.includes('database not found')
}

const badToken = (status: number) => status === 401 || status === 403
const refusedContent = (status: number) => status === 400 || status === 413 || status === 422

/** What a failed request means to the caller of the store. `url` is InfluxDB's. */
export function storeFault(error: unknown, url: string): StoreRejectedError | StoreUnavailableError {
  const words = faultWords(error)
  if (error instanceof StatementError)
    return new StoreUnavailableError(`InfluxDB at ${url} cannot answer: ${words}`, { cause: error })
  if (!(error instanceof HttpError))
    return new StoreUnavailableError(`InfluxDB at ${url} does not answer: ${words}`, { cause: error })
  const { statusCode: status, headers } = error
  if (refusedContent(status)) return new StoreRejectedError(`InfluxDB refuses this: ${words}`, error)
  const header = headers?.['retry-after']
  const waitMs = retryAfterMs(Array.isArray(header) ? header[0] : header, Date.now())
  const advice = badToken(status)
    ? ': INFLUX_TOKEN is missing, wrong, or may not read and write INFLUX_BUCKET'
    : status === 404
      ? ': see INFLUX_BUCKET and INFLUX_ORG'
      : ''
  return new StoreUnavailableError(`InfluxDB at ${url} takes nothing now (${words})${advice}`, {
    cause: error,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  })
}

/** What a failed opening means to the operator. `url` is InfluxDB's. */
export function openFault(error: unknown, url: string): ConfigError | UnreachableError {
  const words = faultWords(error)
  if (error instanceof HttpError && badToken(error.statusCode))
    return new ConfigError(
      `INFLUX_TOKEN is missing, wrong, or may not read and write INFLUX_BUCKET: InfluxDB at ${url} answers ${words} (create one with "influx auth create")`,
      error,
    )
  if ((error instanceof HttpError && error.statusCode === 404) || isDatabaseMissing(error))
    return new ConfigError(`INFLUX_BUCKET or INFLUX_ORG is wrong: InfluxDB at ${url} answers ${words}`, error)
  return new UnreachableError(`INFLUX_URL is "${url}", where InfluxDB does not answer: ${words}`, error)
}
