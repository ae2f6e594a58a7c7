import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { Server as SecureServer } from 'node:tls'
import Fastify, { type FastifyServerOptions, LogController } from 'fastify'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import type { ApiServer } from './api-server.ts'
import { ApiProblem, explanationOf, sendProblem } from './problems.ts'
import type { ServerParts } from './route-parts.ts'

/** largest body of a request, bytes */
const bodyLimit = 65_536

/** longest address of a request, characters */
const maxUrlLength = 4_096

/** ms from opening a connection, or from a request's first byte, to the end of its header */
const headersTimeout = 10_000

/** ms for a TLS handshake */
const handshakeTimeout = 10_000

/** ms between two looks for connections that are late */
const connectionsCheckingInterval = 1_000

type ServerOptions = Pick<ServerParts, 'log' | 'tls' | 'web'>

function fastifyOptions({ log, web }: ServerOptions): FastifyServerOptions<Server> {
  return {
    loggerInstance: log,
    // an address may hold a login token: it is never logged
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit,
    forceCloseConnections: true,
    requestTimeout: 30_000,
    genReqId: () => randomUUID(),
    requestIdHeader: false,
    // an address that is not well-formed passes no hook and no error handler
    frameworkErrors: (_error, request, reply) => {
      reply.header('x-request-id', request.id)
      sendProblem(request, reply, 'INVALID_REQUEST', explanationOf({ code: 'ADDRESS_MALFORMED', params: {} }))
    },
    ...(web.trustProxy === undefined ? {} : { trustProxy: web.trustProxy }),
  }
}

/** Makes a Fastify server with the bounds of requests, and TLS where there is a certificate. */
export function createServer(parts: ServerOptions): ApiServer {
  const { tls } = parts
  const options = fastifyOptions(parts)
  // with `https` Fastify makes an https.Server, which is used as an http.Server everywhere
  const timeouts = { headersTimeout, connectionsCheckingInterval }
  const secured = tls
    ? { ...options, https: { ...tls.current, ...timeouts, handshakeTimeout, minVersion: 'TLSv1.2' } }
    : { ...options, http: timeouts }
  const app: ApiServer = Fastify(secured as FastifyServerOptions<Server>).withTypeProvider<ZodTypeProvider>()
  tls?.onChange(({ cert, key }) => {
    if (app.server instanceof SecureServer) app.server.setSecureContext({ cert, key })
  })
  app.setSerializerCompiler(serializerCompiler)
  return app
}

/** Gives each request a name of ours, which its answer, its problem document and the log carry; bounds its address. */
export function installRequestBounds(app: ApiServer): void {
  // only JSON is ever sent
  app.removeContentTypeParser('text/plain')
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    if (request.url.length > maxUrlLength)
      throw new ApiProblem('TOO_LONG', { code: 'ADDRESS_TOO_LONG', params: { most: maxUrlLength } })
  })
}
