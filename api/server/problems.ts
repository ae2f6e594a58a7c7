import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { PlatformError, StoreUnavailableError } from '#telemetry/errors.ts'
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
  UNSUPPORTED_TYPE: 415,
  TOO_MANY_REQUESTS: 429,
  TOO_MANY_QUESTIONS: 429,
  GONE: 499,
  STORE_REJECTED: 422,
  TOO_MANY_READINGS: 422,
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

/** An answer other than success that the caller of the api may read in full. */
export class ApiProblem extends Error {
  readonly code: ProblemCode
  /** s to wait before the next try */
  readonly retryAfterS: number | undefined
  constructor(code: ProblemCode, detail: string, retryAfterS?: number) {
    super(detail)
    this.name = 'ApiProblem'
    this.code = code
    this.retryAfterS = retryAfterS
  }
}

const isCode = (code: string): code is ProblemCode => Object.hasOwn(statusOfCode, code)

/** The problem document of a code; `path` is the address asked for, without its query, which may hold a secret. */
export function problemOf(code: ProblemCode, detail: string | undefined, path: string, requestId: string): Problem {
  const status = statusOfCode[code]
  return {
    type: `urn:nhip:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    // it may quote what was sent
    ...(detail === undefined ? {} : { detail: withoutHidden(detail) }),
    instance: path,
    code,
    requestId,
  }
}

/** The address asked for, without its query. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? url

/** What the caller may learn of an error: its code and, for faults that are not ours, its words. */
function classify(error: FastifyError): { code: ProblemCode; detail: string | undefined } {
  if (error instanceof ApiProblem) return { code: error.code, detail: error.message }
  if (error instanceof PlatformError && isCode(error.code)) {
    const ours = statusOfCode[error.code] === 500
    return { code: error.code, detail: ours ? undefined : wordsOf[error.code] }
  }
  if (error.statusCode === 413) return { code: 'TOO_LARGE', detail: 'the body is too large' }
  if (error.statusCode === 415) return { code: 'UNSUPPORTED_TYPE', detail: 'a body is sent as application/json' }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return { code: 'INVALID_REQUEST', detail: error.message }
  return { code: 'INTERNAL', detail: undefined }
}

/** Fixed words for faults of the platform: their own messages may name machines and files. */
const wordsOf: Partial<Record<ProblemCode, string>> = {
  STORE_UNAVAILABLE: 'the store does not answer now; try again later',
  STORE_REJECTED: 'the store refuses this request',
  UNREACHABLE: 'a part of the platform does not answer now; try again later',
  JOURNAL_FULL: 'the platform takes nothing new now; try again later',
}

/** s to wait before the next try, when there is a point in one. */
function retryAfterOf(error: FastifyError, status: number): number | undefined {
  if (error instanceof ApiProblem && error.retryAfterS !== undefined) return error.retryAfterS
  if (status !== 503) return undefined
  const waitMs = error instanceof StoreUnavailableError ? error.retryAfterMs : undefined
  return waitMs === undefined ? defaultRetryAfterS : Math.ceil(waitMs / 1_000)
}

/** Sends one problem document (RFC 9457). */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, code: ProblemCode, detail?: string) {
  const problem = problemOf(code, detail, pathOf(request.url), request.id)
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
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, 'NOT_FOUND', 'nothing lives at this address'))
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const { code, detail } = classify(error)
    const status = statusOfCode[code]
    if (status === 500) request.log.error({ err: error, path: pathOf(request.url) }, 'request failed')
    else if (status > 500) request.log.warn({ code, path: pathOf(request.url), err: error.message }, 'request refused')
    const retryAfterS = retryAfterOf(error, status)
    if (retryAfterS !== undefined) reply.header('retry-after', String(retryAfterS))
    return sendProblem(request, reply, code, detail)
  })
}
