import { STATUS_CODES } from 'node:http'
import type { RouteOptions } from 'fastify'
import { z } from 'zod'
import { problemSchema } from '#telemetry/rest.ts'
import { type ProblemCode, problemOf, statusOfCode } from '../server/problems.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** codes of errors that are this route's own, for its description; those of every route of its sort are known without */
    errors?: readonly ProblemCode[]
  }
}

/** For each code, words such as it comes with; a fault of ours comes without. */
const details: Readonly<Record<ProblemCode, string | undefined>> = {
  INVALID_REQUEST: 'querystring: unknown parameter format; known are value, from, to, window, fn, tz, per',
  UNKNOWN_VALUE: 'a sensor of kind air-quality has no value speed; it has pm25, pm10, no2, so2, o3, co',
  NOT_NUMERIC: 'powerState is a word: it has no aggregates, ask with window=raw and without fn',
  EMPTY_SPAN: 'from must be before to',
  SPAN_TOO_LONG: 'from and to may be at most 30 minutes apart',
  NOT_A_LAMP: 'only lamps take commands, not tay-ninh-traffic-001',
  UNAUTHENTICATED: 'sign in, or send a token as a bearer token',
  FORBIDDEN: 'this needs the right rules:edit',
  NOT_FOUND: 'there is none of this id',
  UNKNOWN_SENSOR: 'no sensor tay-ninh-traffic-999 is known',
  CONFLICT: 'somebody changed it in the meantime, or there is one already',
  NO_PERIOD: 'tay-ninh-traffic-001 has not said how often it reports (meta.period): ask without per=hour',
  WRONG_HOST: 'this is not a name of this server; PUBLIC_URL or ALLOWED_HOSTS may name it',
  TOO_LARGE: 'the body is too large',
  TOO_LONG: 'an address has at most 4096 characters',
  UNSUPPORTED_TYPE: 'a body is sent as application/json',
  TOO_MANY_REQUESTS: 'try again in 12 s',
  TOO_MANY_QUESTIONS: '32 questions waiting; try again in 2 s',
  GONE: 'the asker has gone',
  STORE_REJECTED: 'the store refuses this request',
  TOO_MANY_READINGS: 'one step holds more readings than an answer: ask without step',
  STORE_UNAVAILABLE: 'the store does not answer now; try again later',
  STARTING: 'the sensors are still being read from the store',
  BUSY: '500 lamps have not answered yet; try again in some seconds',
  UNREACHABLE: 'a part of the platform does not answer now; try again later',
  JOURNAL_FULL: 'the platform takes nothing new now; try again later',
  TOO_SLOW: 'this took longer than 15 s: ask for less, or later',
  CONFIG: undefined,
  INTERNAL: undefined,
}

/** The codes that a route may answer with: those of its sort, and its own. */
export function errorsOf({ method, url, config = {} }: RouteOptions): readonly ProblemCode[] {
  const { right, parameters, errors = [] } = config
  const isApi = url.startsWith('/api/')
  const isQuestion = [method].flat().includes('GET') && (isApi || url === '/metrics')
  const isChange = ![method].flat().includes('GET')
  const codes: ProblemCode[] = [
    ...(parameters === 'any' ? [] : (['INVALID_REQUEST'] as const)),
    ...(right === 'open' ? [] : (['UNAUTHENTICATED'] as const)),
    // a change is refused to a page of another site, whoever is signed in there
    ...(right === 'open' && !isChange ? [] : (['FORBIDDEN'] as const)),
    ...(isChange ? (['TOO_LARGE', 'UNSUPPORTED_TYPE'] as const) : []),
    ...(['TOO_LONG', 'WRONG_HOST', 'TOO_MANY_REQUESTS', 'INTERNAL'] as const),
    ...(isQuestion ? (['TOO_MANY_QUESTIONS', 'TOO_SLOW'] as const) : []),
    ...(isApi ? (['STARTING', 'STORE_UNAVAILABLE'] as const) : []),
    ...errors,
  ]
  return [...new Set(codes)]
}

/** The error answers of an operation by status, as OpenAPI writes them: each refers to the one schema and to an example for each code. */
export function errorResponses(codes: readonly ProblemCode[]): Record<string, unknown> {
  const responses: Record<string, unknown> = {}
  for (const status of new Set(codes.map((code) => statusOfCode[code]).toSorted((a, b) => a - b))) {
    const ofStatus = codes.filter((code) => statusOfCode[code] === status)
    const examples = Object.fromEntries(ofStatus.map((code) => [code, { $ref: `#/components/examples/${code}` }]))
    const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Error' }, examples } }
    const headers = { 'retry-after': { description: 's to wait before the next try', schema: { type: 'integer' } } }
    const description = `${STATUS_CODES[status]}: ${ofStatus.join(', ')}`
    responses[status] = { description, ...(status === 429 || status === 503 ? { headers } : {}), content }
  }
  return responses
}

/** What the error answers refer to: the schema of every error, and an example for each of these codes. */
export function errorComponents(codes: Iterable<ProblemCode>) {
  const { $schema, ...schema } = z.toJSONSchema(problemSchema)
  const requestId = '5d0a1f0e-7c1b-4a55-9f0e-3b1f6a0c9d21'
  const exampleOf = (code: ProblemCode) => ({
    summary: code,
    value: problemOf(code, details[code], '/api/v1/…', requestId),
  })
  return {
    schemas: { Error: { ...schema, description: 'A problem document (RFC 9457); programs go by `code`' } },
    examples: Object.fromEntries([...new Set(codes)].toSorted().map((code) => [code, exampleOf(code)])),
  }
}
