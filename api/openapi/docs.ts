import { readFile } from 'node:fs/promises'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { District } from '#telemetry/district.ts'
import type { ApiServer } from '../server/api-server.ts'
import { sendJson } from '../server/compressed-json.ts'
import { closeSchema } from './closed.ts'
import { completeDocument, type Document } from './document.ts'
import { errorsOf } from './errors.ts'

/** Address of the OpenAPI document. */
export const openApiPath = '/api/openapi.json'

/** What is described has the version of the platform. */
const packageFile = new URL('../../package.json', import.meta.url)
const packageSchema = z.object({ version: z.string() })

const tags = [
  { name: 'city', description: 'The districts, their map, and the settings of this installation' },
  { name: 'sensors', description: 'Sensors, their newest readings, their past and how good it is' },
  { name: 'history', description: 'Figures of the past, for planners and programs' },
  { name: 'replay', description: 'What all sensors measured in a stretch of the past' },
  { name: 'corrections', description: 'What people decide about readings: left out, or changed, with a reason' },
  { name: 'events', description: 'Messages in quarantine' },
  { name: 'commands', description: 'Orders to lamps' },
  { name: 'alerts', description: 'Alerts, what people do with them, and who could not be told' },
  { name: 'alert rules', description: 'The rules that raise alerts' },
  { name: 'session', description: 'Signing in and out' },
  { name: 'shift', description: 'Who is on duty, notes, and shift hand-overs' },
  { name: 'people', description: 'Who may come in, and who did what' },
  { name: 'keys', description: 'Keys of programs' },
  { name: 'operation', description: 'For supervision' },
  { name: 'docs', description: 'This description' },
]

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Says in the description which right a route asks for, what errors it may answer, and that bodies have no other keys. */
const describeRoute: typeof jsonSchemaTransform = (input) => {
  const { schema, url } = jsonSchemaTransform(input)
  const right = input.route.config?.right
  const body = isObject(schema.body) && { body: closeSchema(schema.body) }
  const answers = isObject(schema.response) ? Object.entries(schema.response) : []
  const response = Object.fromEntries(
    answers.map(([status, each]) => [status, isObject(each) ? closeSchema(each) : each]),
  )
  const errors = { 'x-errors': errorsOf(input.route) }
  return {
    url,
    schema: {
      ...{ ...schema, ...body, response, ...errors, 'x-right': right },
      ...(right === 'open' ? { security: [] } : {}),
    },
  }
}

/** Describes every route registered after it (OpenAPI 3.1), and serves a page to browse the description. */
export async function installDocs(app: ApiServer, districts: readonly District[]): Promise<void> {
  const { version } = packageSchema.parse(JSON.parse(await readFile(packageFile, 'utf8')))
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Nhịp',
        description:
          'Smart-city telemetry: sensors, newest readings and history. Errors are RFC 9457 problem documents. A parameter, or a key of a body, that is not described here is refused with 400 and named, except where scrapers and load balancers add their own: `/metrics` and `/health/*`.',
        version,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'a key of a program, or the admin token' },
          session: { type: 'apiKey', in: 'cookie', name: 'nhip_session' },
        },
      },
      servers: [{ url: '/', description: 'this installation' }],
      security: [{ bearer: [] }, { session: [] }],
      tags,
    },
    transform: describeRoute,
    // the document is of OpenAPI, not of Swagger 2; what is completed keeps its shape
    transformObject: (made) =>
      completeDocument(('openapiObject' in made ? made.openapiObject : {}) as Document, districts),
  })
  app.get(
    openApiPath,
    {
      config: { right: 'see', cost: 8 },
      schema: {
        operationId: 'describeApi',
        summary: 'This description',
        tags: ['docs'],
        response: { 200: z.looseObject({ openapi: z.string() }).describe('OpenAPI 3.1') },
      },
    },
    async (request, reply) => sendJson(request, reply, JSON.stringify(app.swagger())),
  )
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      // the page is for anybody, the description itself is not
      const right = /\/(json|yaml)$/.test(route.url) ? 'see' : 'open'
      route.config = { ...route.config, right, ...(right === 'open' && { parameters: 'any' }) }
    })
    await scope.register(swaggerUi, {
      routePrefix: '/api/docs',
      theme: { title: 'Nhịp API' },
      // the page asks nobody else to validate
      uiConfig: { url: openApiPath, validatorUrl: null, deepLinking: true },
    })
  })
}
