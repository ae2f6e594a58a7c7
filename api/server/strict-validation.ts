import type { FastifyRequest, FastifySchemaCompiler } from 'fastify'
import { z } from 'zod'
import type { ApiServer } from './api-server.ts'
import { ApiProblem } from './problems.ts'
import { schemaDefinition, unknownKeys, unwrapSchema, wordsFor } from './unknown-keys.ts'

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
function strictFaults(schema: z.core.$ZodType, part: string, data: unknown): { faults: string[]; told: Set<string> } {
  const what = part === 'querystring' ? 'parameter' : 'key'
  const unknown = unknownKeys(schema, data).map((each) => `${each.path.join('.') || part}: ${wordsFor(each, what)}`)
  const repeated = part === 'querystring' ? repeatedIn(schema, data) : new Map<string, number>()
  const twice = [...repeated].map(([name, times]) => `${name}: is given ${times} times; give it once`)
  return { faults: [...unknown, ...twice], told: new Set(repeated.keys()) }
}

/** Checks a part of a request against its zod schema, and refuses keys that the schema, at any depth, does not have. */
export const strictValidatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart = 'request' }) =>
  (data: unknown) => {
    const { faults, told } = strictFaults(schema, httpPart, data)
    const { error, data: value } = schema.safeParse(data)
    // these two have been said in words of ours
    for (const { code, path, message } of error?.issues ?? [])
      if (code !== 'unrecognized_keys' && !told.has(path.join('.')))
        faults.push(`${path.join('.') || httpPart}: ${message}`)
    return faults.length > 0 ? { error: new ApiProblem('INVALID_REQUEST', faults.join('; ')) } : { value }
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
      if (faults.length > 0) throw new ApiProblem('INVALID_REQUEST', faults.join('; '))
    }
    if (schema?.body === undefined && hasBody(request))
      throw new ApiProblem('INVALID_REQUEST', `body: ${request.method} at this address takes none`)
  })
}
