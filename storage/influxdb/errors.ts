import { HttpError } from '@influxdata/influxdb-client'
import { z } from 'zod'
import { ConfigError, StoreRejectedError, StoreUnavailableError, UnreachableError } from '#telemetry/errors.ts'

/** characters of InfluxDB's own words that are passed on: it quotes whole lines */
const maxWords = 500

/** how 1.x says a fault, and 2.x */
const faultBody = z.union([z.object({ error: z.string() }), z.object({ code: z.string(), message: z.string() })])

/** A statement that InfluxDB answered with a fault inside an answer that is otherwise well. */
export class StatementError extends Error {}

/** A request that got no answer, or one that nobody can read: how it ended on the way is its cause. */
export class TransportError extends Error {
  constructor(cause: unknown) {
    super(faultWords(cause), { cause })
  }
}

/** What InfluxDB says in its own form; undefined when the answer is not InfluxDB's but a proxy's, with a page or JSON of its own. */
function ownWords(error: HttpError): string | undefined {
  const { data } = faultBody.safeParse(error.json)
  if (!data) return undefined
  return 'error' in data ? data.error : data.message
}

function httpWords(error: HttpError): string {
  return ownWords(error) ?? error.body ?? error.statusMessage ?? ''
}

/** What InfluxDB, or the network on the way to it, said: in one line, bounded. */
export function faultWords(error: unknown): string {
  if (error instanceof HttpError)
    return `HTTP ${error.statusCode} ${httpWords(error)}`.replace(/\s+/g, ' ').trim().slice(0, maxWords)
  if (!(error instanceof Error)) return String(error).slice(0, maxWords)
  // a name with two addresses fails with an AggregateError, which has a code and no message
  const words = error.message || ('code' in error ? String(error.code) : error.name)
  return words.replace(/\s+/g, ' ').slice(0, maxWords)
}

/** ms that Retry-After is obeyed at the most: who asks for an hour is tried again all the same */
const maxRetryAfterMs = 60_000

/**
 * Reads Retry-After, which is in seconds or an HTTP date, as ms from `now`, {@link maxRetryAfterMs} at the most; undefined when
 * it says nothing useful.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const waitMs = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now
  return waitMs > 0 ? Math.min(waitMs, maxRetryAfterMs) : undefined
}

/** True when the database of 1.x is not there. */
export function isDatabaseMissing(error: unknown): boolean {
  if (error instanceof HttpError) return error.statusCode === 404 && httpWords(error).includes('database not found')
  return error instanceof StatementError && error.message.includes('database not found')
}

const badToken = (status: number) => status === 401 || status === 403

/**
 * Words of InfluxDB about what points hold. They count and not the status, which differs by version: a field type conflict is a
 * 400 in 1.x, was a 500 in 2.0 and is a 422 in 2.7. A "partial write" alone says nothing of them: behind it stands what the
 * operating system says of a disk, too, and that of new series only, while the points of known ones get through.
 */
const ofPoints =
  /field type conflict|unable to parse(?! auth)|points? (beyond|outside) retention|max[- ](values|series)[- ]per[- ](tag|database)|max[- ]key[- ]length|invalid (field|tag|measurement)|time outside range|partial write of line protocol/i
/** words of its own about how it is, which may come with others */
const ofServer = /timed? ?out|cache.max.*memory|no space left|shard .*(disabled|closed)|(engine|database) is closed/i
const beyondRetention = /(beyond|outside) retention/i

/** Whether a write was refused for what its points hold: only InfluxDB itself can say that. */
function speaksOfPoints(error: HttpError): boolean {
  const words = ownWords(error)
  return words !== undefined && ofPoints.test(words) && !ofServer.test(words)
}

/** Whether a write was refused for its size, by InfluxDB or by a proxy in front of it: half of it may pass. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof HttpError && (error.statusCode === 413 || /batch is too large/.test(ownWords(error) ?? ''))
}

/** Whether InfluxDB or the way to it failed, and not our own code. */
export function isOfInfluxdb(error: unknown): error is HttpError | StatementError | TransportError {
  return error instanceof HttpError || error instanceof StatementError || error instanceof TransportError
}

/** What a failed request means to the caller of the store. `url` is InfluxDB's. */
export function storeFault(
  error: HttpError | StatementError | TransportError,
  url: string,
): StoreRejectedError | StoreUnavailableError {
  const words = faultWords(error)
  if (error instanceof StatementError)
    return new StoreUnavailableError(`InfluxDB at ${url} cannot answer: ${words}`, { cause: error })
  if (!(error instanceof HttpError))
    return new StoreUnavailableError(`InfluxDB at ${url} does not answer: ${words}`, { cause: error })
  const { statusCode: status, headers } = error
  if (speaksOfPoints(error))
    return new StoreRejectedError(`InfluxDB refuses this: ${words}`, error, { past: beyondRetention.test(words) })
  const header = headers?.['retry-after']
  const waitMs = retryAfterMs(Array.isArray(header) ? header[0] : header, Date.now())
  const advice = badToken(status)
    ? ': INFLUX_TOKEN is missing, wrong, or may not read and write INFLUX_BUCKET'
    : status === 404
      ? ': see INFLUX_BUCKET and INFLUX_ORG'
      : ''
  return new StoreUnavailableError(`InfluxDB at ${url} takes nothing now (${words})${advice}`, {
    cause: error,
    tooLarge: isTooLarge(error),
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
  const found =
    error instanceof HttpError || error instanceof StatementError
      ? 'which cannot be used now'
      : 'where InfluxDB does not answer'
  return new UnreachableError(`INFLUX_URL is "${url}", ${found}: ${words}`, error)
}
