import { STATUS_CODES } from 'node:http'
import type { District } from '#telemetry/district.ts'
import type { ProblemCode } from '../server/problems.ts'
import { errorComponents, errorResponses } from './errors.ts'
import { examplesOf } from './examples/examples.ts'
import { type OwnNames, ownNames } from './examples/own-names.ts'

interface Content {
  [type: string]: { schema?: unknown; example?: unknown }
}
interface Answer {
  description: string
  content?: Content
}

/** An operation as far as it is completed here. */
interface Operation {
  operationId?: string
  parameters?: { name: string; in: string; example?: unknown }[]
  requestBody?: { content: Content }
  responses: Record<string, Answer>
  'x-errors'?: readonly ProblemCode[]
}

/** An OpenAPI document as far as it is completed here. */
export interface Document {
  paths?: Record<string, Record<string, Operation>>
  components?: { schemas?: object; [other: string]: unknown }
  [other: string]: unknown
}

const withExample = (content: Content, example: unknown): Content =>
  Object.fromEntries(Object.entries(content).map(([type, media]) => [type, { ...media, example }]))

/** Puts examples and error answers into an operation. */
function complete({ 'x-errors': codes = [], ...operation }: Operation, own: OwnNames): Operation {
  const { parameters, body, answer } = own(examplesOf(operation.operationId ?? ''))
  const given = operation.parameters?.map((parameter) =>
    parameters && Object.hasOwn(parameters, parameter.name)
      ? { ...parameter, example: parameters[parameter.name] }
      : parameter,
  )
  const answers = Object.entries(operation.responses).map(([status, { content, ...rest }]) => {
    const isSuccess = status.startsWith('2')
    const shown = content && { content: isSuccess ? withExample(content, answer) : content }
    return [status, { ...rest, description: STATUS_CODES[status] ?? rest.description, ...shown }] as const
  })
  return {
    ...operation,
    ...(given && { parameters: given }),
    ...(operation.requestBody && {
      requestBody: { ...operation.requestBody, content: withExample(operation.requestBody.content, body) },
    }),
    // what a route says of a status itself counts
    responses: { ...(errorResponses(codes) as Record<string, Answer>), ...Object.fromEntries(answers) }, // of this shape
  }
}

/**
 * The document with what every operation has beside its schemas: examples, error answers, and what these refer to. Examples are about
 * the first of the districts.
 */
export function completeDocument(document: Document, districts: readonly District[]): Document {
  const own = ownNames(districts)
  const operations = Object.values(document.paths ?? {}).flatMap((methods) => Object.values(methods))
  const { schemas, examples } = errorComponents(operations.flatMap((operation) => operation['x-errors'] ?? []))
  const paths = Object.entries(document.paths ?? {}).map(([path, methods]) => [
    path,
    Object.fromEntries(Object.entries(methods).map(([method, operation]) => [method, complete(operation, own)])),
  ])
  const { components } = document
  return {
    ...document,
    components: { ...components, schemas: { ...components?.schemas, ...schemas }, examples: own(examples) },
    paths: Object.fromEntries(paths),
  }
}
