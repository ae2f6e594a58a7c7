import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Api } from '#api/api.ts'
import { get } from './api-parts.ts'

type Content = Record<string, { schema?: object; example?: unknown; examples?: Record<string, { $ref: string }> }>

/** An operation of the OpenAPI document. */
export interface DescribedOperation {
  operationId?: string
  summary?: string
  tags?: string[]
  security?: unknown[]
  'x-right'?: string
  parameters?: { name: string; in: string; required?: boolean; schema: object; example?: unknown }[]
  requestBody?: { content: Content }
  responses: Record<string, { description: string; content?: Content }>
}

/** The OpenAPI document as far as tests look at it. */
export interface ApiDocument {
  openapi: string
  tags: { name: string }[]
  components: { schemas: Record<string, object>; examples: Record<string, { value: { status: number; code: string } }> }
  paths: Record<string, Record<string, DescribedOperation>>
}

/** An operation and where it is. */
export interface Described {
  /** such as `GET /api/v1/sensors` */
  name: string
  method: string
  path: string
  operation: DescribedOperation
}

/** Asks an api for its description. */
export async function describedBy(api: Api): Promise<{ document: ApiDocument; operations: Described[] }> {
  const document = (await (await get(api, '/api/openapi.json')).json()) as ApiDocument
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([verb, operation]) => {
      const method = verb.toUpperCase()
      return { name: `${method} ${path}`, method, path, operation }
    }),
  )
  return { document, operations }
}

// keywords and formats of OpenAPI are no fault
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })

/** What is wrong with a value by a JSON schema; empty when nothing is. */
export function faultsBySchema(schema: object, value: unknown): string[] {
  const validate = ajv.compile(schema)
  if (validate(value)) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

/** The path and query of an operation with its example parameters, or with those alone that are required. */
export function addressOf({ path, operation }: Described, which: 'all' | 'required'): string {
  const query = new URLSearchParams()
  let address = path
  for (const { name, in: where, required, example } of operation.parameters ?? []) {
    if (where === 'path') address = address.replace(`{${name}}`, encodeURIComponent(String(example)))
    else if (which === 'all' || required) for (const each of [example].flat()) query.append(name, String(each))
  }
  return query.size > 0 ? `${address}?${query}` : address
}
