import type { FastifyRequest, FastifySchemaCompiler } from 'fastify'
import { z } from 'zod'
import { type RequestFault, requestFaultOf } from '#telemetry/faults/request-faults.ts'
import { sayRequestFault } from '#telemetry/faults/request-words.ts'
import type { ApiServer } from './api-server.ts'
import { ApiProblem } from './problems.ts'
import { faultOfUnknown, schemaDefinition, unknownKeys, unwrapSchema } from './unknown-keys.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * `any`: others add parameters of their own to this address (an identity provider, a scraper, a load balancer, who cites
     * a page), and those that are not ours are passed over. Everywhere else an unknown parameter is refused.
     */
    parameters?: 'any'
  }
}

/** Parameters that are given more than once and are no lists: by name, how often. */
function repeatedIn(schema: z.core.$ZodType, query: unknown): Map<string, number> {
  const definition = schemaDefinition(unwrapSchema(schema))
  if (definition.type !== 'object' || typeof query !== 'object' || query === null) return new Map()
  const repeated = Object.entries(query).filter(([name, given]) => {
    const parameter = Object.hasOwn(definition.shape, name) ? definition.shape[name] : undefined
    return Array.isArray(given) && parameter && schemaDefinition(unwrapSchema(parameter)).type !== 'array'
  })
  return new Map(repeated.map(([name, given]) => [name, given.length]))
}

/** What is wrong with the part of a request, besides what its schema says of values. */
function strictFaults(
  schema: z.core.$ZodType,
  part: string,
  data: unknown,
): { faults: RequestFault[]; reported: Set<string> } {
  const what = part === 'querystring' ? 'parameter' : 'key'
  const unknown = unknownKeys(schema, data).map((each) => faultOfUnknown(each, what, each.path.join('.') || part))
  const repeated = part === 'querystring' ? repeatedIn(schema, data) : new Map<string, number>()
  const twice = [...repeated].map(([path, times]): RequestFault => ({ path, code: 'REPEATED', params: { times } }))
  return { faults: [...unknown, ...twice], reported: new Set(repeated.keys()) }
}

/**
 * Whether there is anything at a path of what was sent. An item of a list that is complained of always is: the list may have been
 * split from one text of the query, where it is not found by its number.
 */
export function hasValueAt(data: unknown, path: readonly PropertyKey[]): boolean {
  if (typeof path.at(-1) === 'number') return true
  let at = data
  for (const key of path)
    at = typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined
  return at !== undefined
}

/** Checks a part of a request against its zod schema, and refuses keys that the schema, at any depth, does not have. */
export const strictValidatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart = 'request' }) =>
  (data: unknown) => {
    const { faults, reported } = strictFaults(schema, httpPart, data)
    const said = faults.map((fault) => sayRequestFault('en', fault))
    const { error, data: value } = schema.safeParse(data)
    for (const issue of error?.issues ?? []) {
      const path = issue.path.join('.') || httpPart
      // these two are among the faults already
      if (issue.code === 'unrecognized_keys' || reported.has(issue.path.join('.'))) continue
      faults.push(requestFaultOf(issue, { isThere: hasValueAt(data, issue.path) }, path))
      said.push(`${path}: ${issue.message}`)
    }
    if (faults.length === 0) return { value }
    return { error: new ApiProblem('INVALID_REQUEST', faults, { detail: said.join('; ') }) }
  }

const nothing = z.object({})

/** Whether a request has a body that says anything; of a GET or HEAD it is not read. */
function hasBody({ body, headers, method }: FastifyRequest): boolean {
  if (method === 'GET' || method === 'HEAD')
    return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
  const isEmpty = typeof body === 'object' && body !== null && Object.keys(body).length === 0 && !Array.isArray(body)
  return body !== undefined && body !== null && !isEmpty
}

/** Refuses parameters and bodies at routes that take none: a schema checks them at the others. */
export function installStrictValidation(app: ApiServer): void {
  app.setValidatorCompiler(strictValidatorCompiler)
  app.addHook('preValidation', async (request) => {
    const { config, schema } = request.routeOptions
    if (request.is404 || config.parameters === 'any') return
    if (schema?.querystring === undefined) {
      const { faults } = strictFaults(nothing, 'querystring', request.query)
      if (faults.length > 0) throw new ApiProblem('INVALID_REQUEST', faults)
    }
    if (schema?.body === undefined && hasBody(request))
      throw new ApiProblem('INVALID_REQUEST', {
        path: 'body',
        code: 'NO_BODY_TAKEN',
        params: { method: request.method },
      })
  })
}
