import { STATUS_CODES } from 'node:http'
import type { RouteOptions } from 'fastify'
import { z } from 'zod'
import type { RequestFault } from '#telemetry/faults/request-faults.ts'
import { problemSchema } from '#telemetry/rest.ts'
import { explanationOf, type ProblemCode, problemOf, statusOfCode } from '../server/problems.ts'
import { exampleCounter } from './examples/shared.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** codes of errors that are this route's own, for its description; those of every route of its sort are known without */
    errors?: readonly ProblemCode[]
  }
}

/** For each code, a fault such as it comes with; a fault of ours comes without. */
const faults: Readonly<Record<ProblemCode, RequestFault | undefined>> = {
  INVALID_REQUEST: {
    path: 'querystring',
    code: 'UNKNOWN_KEYS',
    params: {
      ...{ what: 'parameter', keys: ['format'], more: 0 },
      known: ['value', 'from', 'to', 'window', 'fn', 'tz', 'per'],
    },
  },
  UNKNOWN_VALUE: {
    code: 'NO_SUCH_VALUE',
    params: { kind: 'air-quality', name: 'speed', values: ['pm25', 'pm10', 'no2', 'so2', 'o3', 'co'] },
  },
  NOT_NUMERIC: { code: 'NO_AGGREGATES', params: { name: 'powerState' } },
  EMPTY_SPAN: { code: 'FROM_NOT_BEFORE_TO', params: {} },
  SPAN_TOO_LONG: { code: 'LONGER_THAN_MINUTES', params: { minutes: 30 } },
  NOT_A_LAMP: { code: 'NOT_LAMPS', params: { ids: [exampleCounter], more: 0 } },
  UNAUTHENTICATED: { code: 'NOT_SIGNED_IN', params: {} },
  FORBIDDEN: { code: 'RIGHT_NEEDED', params: { right: 'rules:edit' } },
  NOT_FOUND: { code: 'NO_SUCH_RULE', params: { id: 'road-jammed-2' } },
  UNKNOWN_SENSOR: { code: 'NO_SUCH_SENSOR', params: { id: `${exampleCounter}9` } },
  CONFLICT: { code: 'RULE_CHANGED', params: { id: 'road-jammed', by: 'Lan', version: 3, given: 2 } },
  NO_PERIOD: { code: 'PERIOD_UNKNOWN', params: { sensor: exampleCounter } },
  WRONG_HOST: { code: 'NOT_OUR_HOST', params: {} },
  TOO_LARGE: { code: 'BODY_TOO_LARGE', params: {} },
  TOO_LONG: { code: 'ADDRESS_TOO_LONG', params: { most: 4_096 } },
  RANGE_BEYOND: { code: 'RANGE_BEYOND_END', params: { bytes: 52_428_800 } },
  UNSUPPORTED_TYPE: { code: 'NOT_JSON_BODY', params: {} },
  TOO_MANY_REQUESTS: { code: 'TRY_AGAIN_IN', params: { seconds: 12 } },
  TOO_MANY_QUESTIONS: { code: 'QUERIES_WAITING', params: { seconds: 2 } },
  GONE: { code: 'CALLER_GONE', params: {} },
  STORE_REJECTED: { code: 'STORE_REFUSES', params: {} },
  TOO_MANY_READINGS: { code: 'TOO_MANY_READINGS_OF_STEP', params: {} },
  TOO_MUCH_ASKED: { code: 'TOO_MANY_FIGURES', params: { figures: 525_600, most: 200_000, window: '5m' } },
  STORE_UNAVAILABLE: { code: 'STORE_AWAY', params: {} },
  STARTING: { code: 'STILL_READ', params: { what: 'sensors' } },
  BUSY: { code: 'LAMPS_WAITING', params: { lamps: 500 } },
  UNREACHABLE: { code: 'PART_AWAY', params: {} },
  JOURNAL_FULL: { code: 'JOURNAL_TAKES_NOTHING', params: {} },
  TOO_SLOW: { code: 'TOOK_TOO_LONG', params: { seconds: 15 } },
  CONFIG: undefined,
  INTERNAL: undefined,
}

/** The problem document of an example. */
function exampleOf(code: ProblemCode) {
  const fault = faults[code]
  return problemOf(code, fault && explanationOf(fault), '/api/v1/…', '5d0a1f0e-7c1b-4a55-9f0e-3b1f6a0c9d21')
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
    // a change is refused to a page of another site, no matter who is signed in there
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
  return {
    schemas: {
      Error: {
        ...schema,
        description: 'A problem document (RFC 9457); programs go by `code`, and by `faults` for why',
      },
    },
    examples: Object.fromEntries(
      [...new Set(codes)].toSorted().map((code) => [code, { summary: code, value: exampleOf(code) }]),
    ),
  }
}
