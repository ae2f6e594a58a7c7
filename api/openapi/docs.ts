import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import type { ApiServer } from '../server.ts'
import { closed } from './closed.ts'

/** Address of the OpenAPI document. */
export const openApiPath = '/api/openapi.json'

/** Says in the description which right a route asks for, and that bodies have no other keys. */
const describeRoute: typeof jsonSchemaTransform = (input) => {
  const { schema, url } = jsonSchemaTransform(input)
  const right = input.route.config?.right
  const body = typeof schema.body === 'object' && schema.body !== null ? { body: closed({ ...schema.body }) } : {}
  return { url, schema: { ...schema, ...body, 'x-right': right, ...(right === 'open' ? { security: [] } : {}) } }
}

/** Describes every route registered after it (OpenAPI 3.1), and serves a page to browse the description. */
export async function installDocs(app: ApiServer): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Nhịp',
        description:
          'Smart-city telemetry: sensors, newest readings and history. Errors are RFC 9457 problem documents. A parameter, or a key of a body, that is not described here is refused with 400 and named, except where scrapers and load balancers add their own: `/metrics` and `/health/*`.',
        version: '1.0.0',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'the admin token' },
          session: { type: 'apiKey', in: 'cookie', name: 'nhip_session' },
        },
      },
      security: [{ bearer: [] }, { session: [] }],
    },
    transform: describeRoute,
  })
  app.get(
    openApiPath,
    { config: { right: 'see', weight: 8 }, schema: { summary: 'This description', tags: ['docs'] } },
    async (_request, reply) =>
      // the document is no answer with a schema of its own
      reply.type('application/json').send(JSON.stringify(app.swagger())),
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
