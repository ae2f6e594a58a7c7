import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { PlatformError, StoreUnavailableError } from '#telemetry/errors.ts'
import type { RequestFault } from '#telemetry/faults/request-faults.ts'
import { sayRequestFault } from '#telemetry/faults/request-words.ts'
import { withoutHidden } from '#telemetry/plain-text.ts'
import type { Problem } from '#telemetry/rest.ts'
import type { ApiServer } from './api-server.ts'

/** Every code an error answer of the api may carry, with its HTTP status: the one mapping. */
export const statusOfCode = {
  INVALID_REQUEST: 400,
  UNKNOWN_VALUE: 400,
  NOT_NUMERIC: 400,
  EMPTY_SPAN: 400,
  SPAN_TOO_LONG: 400,
  NOT_A_LAMP: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  UNKNOWN_SENSOR: 404,
  CONFLICT: 409,
  NO_PERIOD: 409,
  WRONG_HOST: 421,
  TOO_LARGE: 413,
  TOO_LONG: 414,
  RANGE_BEYOND: 416,
  UNSUPPORTED_TYPE: 415,
  TOO_MANY_REQUESTS: 429,
  TOO_MANY_QUESTIONS: 429,
  GONE: 499,
  STORE_REJECTED: 422,
  TOO_MANY_READINGS: 422,
  TOO_MUCH_ASKED: 422,
  STORE_UNAVAILABLE: 503,
  STARTING: 503,
  BUSY: 503,
  UNREACHABLE: 503,
  JOURNAL_FULL: 503,
  TOO_SLOW: 504,
  CONFIG: 500,
  INTERNAL: 500,
} as const
export type ProblemCode = keyof typeof statusOfCode

/** s a client waits before it tries again when the fault does not say */
const defaultRetryAfterS = 5

const detailOf = (faults: readonly RequestFault[]) => faults.map((fault) => sayRequestFault('en', fault)).join('; ')

/** An answer other than success that the caller of the api may read in full. */
export class ApiProblem extends Error {
  readonly code: ProblemCode
  /** why, at least one */
  readonly faults: readonly RequestFault[]
  /** s to wait before the next try */
  readonly retryAfterS: number | undefined
  /** @param options `detail`: an English sentence; that of the faults unless it is given */
  constructor(
    code: ProblemCode,
    fault: RequestFault | readonly RequestFault[],
    options: { retryAfterS?: number; detail?: string } = {},
  ) {
    const faults = [fault].flat()
    super(options.detail ?? detailOf(faults))
    this.name = 'ApiProblem'
    this.code = code
    this.faults = faults
    this.retryAfterS = options.retryAfterS
  }
}

const isCode = (code: string): code is ProblemCode => Object.hasOwn(statusOfCode, code)

/** What an answer says of a refusal: the faults, and an English sentence. */
interface Explanation {
  detail?: string | undefined
  faults: readonly RequestFault[]
}

/** A fault as a problem document shows it. */
export const explanationOf = (...faults: readonly RequestFault[]): Explanation => ({ detail: detailOf(faults), faults })

/** Faults without what cannot be seen: they may quote what was sent. */
function shown(faults: readonly RequestFault[]): RequestFault[] {
  const plain = (_key: string, value: unknown) => (typeof value === 'string' ? withoutHidden(value) : value)
  return JSON.parse(JSON.stringify(faults, plain)) as RequestFault[] // the same but for texts
}

/** The problem document of a code; `path` is the address asked for, without its query, which may hold a secret. */
export function problemOf(
  code: ProblemCode,
  explanation: Explanation | undefined,
  path: string,
  requestId: string,
): Problem {
  const status = statusOfCode[code]
  return {
    type: `urn:nhip:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    // it may quote what was sent
    ...(explanation?.detail === undefined ? {} : { detail: withoutHidden(explanation.detail) }),
    instance: path,
    code,
    ...(explanation && { faults: shown(explanation.faults) }),
    requestId,
  }
}

/** The address asked for, without its query. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? url

/** codes of Fastify for a body that is no JSON */
const codesOfNoJson: readonly string[] = ['FST_ERR_CTP_INVALID_JSON_BODY', 'FST_ERR_CTP_EMPTY_JSON_BODY']

/** What the caller may learn of an error: its code and, for faults that are not ours, its words. */
function classify(error: FastifyError): { code: ProblemCode; explanation?: Explanation | undefined } {
  const { message: said, statusCode = 500 } = error
  if (error instanceof ApiProblem) return { code: error.code, explanation: { detail: said, faults: error.faults } }
  if (error instanceof PlatformError && isCode(error.code)) {
    const fault = faultOf[error.code]
    return { code: error.code, explanation: fault && explanationOf(fault) }
  }
  if (statusCode === 413)
    return { code: 'TOO_LARGE', explanation: explanationOf({ code: 'BODY_TOO_LARGE', params: {} }) }
  if (statusCode === 415)
    return { code: 'UNSUPPORTED_TYPE', explanation: explanationOf({ code: 'NOT_JSON_BODY', params: {} }) }
  if (codesOfNoJson.includes(error.code))
    return { code: 'INVALID_REQUEST', explanation: explanationOf({ code: 'NOT_JSON_BODY', params: {} }) }
  if (statusCode >= 400 && statusCode < 500)
    return { code: 'INVALID_REQUEST', explanation: explanationOf({ code: 'SAID', params: { said } }) }
  return { code: 'INTERNAL' }
}

/** What is explanation of faults of the platform: their own messages may name machines and files. */
const faultOf: Partial<Record<ProblemCode, RequestFault>> = {
  STORE_UNAVAILABLE: { code: 'STORE_AWAY', params: {} },
  STORE_REJECTED: { code: 'STORE_REFUSES', params: {} },
  UNREACHABLE: { code: 'PART_AWAY', params: {} },
  JOURNAL_FULL: { code: 'JOURNAL_TAKES_NOTHING', params: {} },
}

/** s to wait before the next try, when there is a point in one. */
function retryAfterOf(error: FastifyError, status: number): number | undefined {
  if (error instanceof ApiProblem && error.retryAfterS !== undefined) return error.retryAfterS
  if (status !== 503) return undefined
  const waitMs = error instanceof StoreUnavailableError ? error.retryAfterMs : undefined
  return waitMs === undefined ? defaultRetryAfterS : Math.ceil(waitMs / 1_000)
}

/** Sends one problem document (RFC 9457). */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  code: ProblemCode,
  explanation?: Explanation,
) {
  const problem = problemOf(code, explanation, pathOf(request.url), request.id)
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer realm="nhip"')
  // serialized here: the route's own schemas describe its successes only
  return reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problem)
}

/** Makes every error, unknown addresses included, a problem document without stack or secret. */
export function installProblems(app: ApiServer): void {
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, 'NOT_FOUND', explanationOf({ code: 'NOTHING_AT_ADDRESS', params: {} })),
  )
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const { code, explanation } = classify(error)
    const status = statusOfCode[code]
    if (status === 500) request.log.error({ err: error, path: pathOf(request.url) }, 'request failed')
    else if (status > 500) request.log.warn({ code, path: pathOf(request.url), err: error.message }, 'request refused')
    const retryAfterS = retryAfterOf(error, status)
    if (retryAfterS !== undefined) reply.header('retry-after', String(retryAfterS))
    return sendProblem(request, reply, code, explanation)
  })
}
