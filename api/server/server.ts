import { randomUUID } from 'node:crypto'
import type { Server } from 'node:http'
import { Server as SecureServer } from 'node:tls'
import cookie from '@fastify/cookie'
import Fastify, { type FastifyBaseLogger, type FastifyServerOptions, LogController } from 'fastify'
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { ConnectionLimiter, defaultConnectionLimits } from '../limits/connection-limits.ts'
import { installQueryLimits } from '../limits/query-limits.ts'
import { defaultQueryLimits } from '../limits/query-scheduler.ts'
import { installRateLimits } from '../limits/rate-limits.ts'
import { installDocs } from '../openapi/docs.ts'
import { airQualityRoutes } from '../routes/air-quality.ts'
import { alertRuleRoutes } from '../routes/alert-rules.ts'
import { alertRoutes } from '../routes/alerts.ts'
import { auditLogRoutes } from '../routes/audit-log.ts'
import { cityRoutes } from '../routes/city.ts'
import { commandRoutes } from '../routes/commands.ts'
import { deviceRoutes } from '../routes/devices.ts'
import { eventRoutes } from '../routes/events.ts'
import { historyRoutes } from '../routes/history.ts'
import { keyRoutes } from '../routes/keys.ts'
import { notificationRoutes } from '../routes/notifications.ts'
import { openIdRoutes } from '../routes/openid.ts'
import { operationRoutes } from '../routes/operation.ts'
import { pageRoutes } from '../routes/pages.ts'
import { peopleRoutes } from '../routes/people.ts'
import { qualityRoutes } from '../routes/quality.ts'
import { replayRoutes } from '../routes/replay.ts'
import { sensorRoutes } from '../routes/sensors.ts'
import { sessionRoutes } from '../routes/session.ts'
import { SignIn } from '../sign-in/sign-in.ts'
import type { ApiServer } from './api-server.ts'
import { installAuthorization } from './authorization.ts'
import { trustedProxyMatcher } from './client-address.ts'
import { ApiProblem, explanationOf, installProblems, sendProblem } from './problems.ts'
import type { RouteParts, ServerParts } from './route-parts.ts'
import { installSecurityHeaders } from './security-headers.ts'
import { installStrictValidation } from './strict-validation.ts'

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

/** Gives each request a name of ours, which its answer, its problem document and the log carry; bounds its address. */
function installRequestBounds(app: ApiServer): void {
  // only JSON is ever sent
  app.removeContentTypeParser('text/plain')
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    if (request.url.length > maxUrlLength)
      throw new ApiProblem('TOO_LONG', { code: 'ADDRESS_TOO_LONG', params: { most: maxUrlLength } })
  })
}

/** Builds the HTTP side of the api; the caller makes it listen. */
export async function buildServer(parts: ServerParts): Promise<ApiServer> {
  const logger: FastifyBaseLogger = parts.log
  const { tls } = parts
  const options: FastifyServerOptions<Server> = {
    loggerInstance: logger,
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
    ...(parts.web.trustProxy === undefined ? {} : { trustProxy: parts.web.trustProxy }),
  }
  // with `https` Fastify makes an https.Server, which is used as an http.Server everywhere
  const timeouts = { headersTimeout, connectionsCheckingInterval }
  const secured = tls
    ? { ...options, https: { ...tls.current, ...timeouts, handshakeTimeout, minVersion: 'TLSv1.2' } }
    : { ...options, http: timeouts }
  const app: ApiServer = Fastify(secured as FastifyServerOptions<Server>).withTypeProvider<ZodTypeProvider>()
  tls?.onChange(({ cert, key }) => {
    if (app.server instanceof SecureServer) app.server.setSecureContext({ cert, key })
  })
  const limitsOfConnections = { ...defaultConnectionLimits, ...parts.connections }
  const isProxy = trustedProxyMatcher(parts.web.trustProxy)
  new ConnectionLimiter({ ...parts, limits: limitsOfConnections, isProxy }).follow(app.server)
  app.setSerializerCompiler(serializerCompiler)
  await app.register(cookie)
  installProblems(app)
  installRequestBounds(app)
  await installSecurityHeaders(app, parts)
  const limits = await installRateLimits(app, {
    requestsPerMinute: parts.web.requestsPerMinute,
    metrics: parts.metrics,
    clock: parts.clock,
  })
  installAuthorization(app, { ...parts, limits })
  installStrictValidation(app)
  installQueryLimits(app, { limits: { ...defaultQueryLimits, ...parts.questions }, metrics: parts.metrics })
  const routeParts: RouteParts = { ...parts, limits, signIn: new SignIn({ ...parts, limits }) }
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    const labels = { method: request.method, route, status: reply.statusCode }
    parts.metrics.requests.observe(labels, reply.elapsedTime / 1_000)
  })
  await installDocs(app)
  for (const routes of [
    cityRoutes,
    sensorRoutes,
    historyRoutes,
    qualityRoutes,
    airQualityRoutes,
    replayRoutes,
    eventRoutes,
    commandRoutes,
    deviceRoutes,
    alertRoutes,
    alertRuleRoutes,
    notificationRoutes,
    sessionRoutes,
    operationRoutes,
    peopleRoutes,
    keyRoutes,
    auditLogRoutes,
    openIdRoutes,
  ])
    routes(app, routeParts)
  await app.register((scope) => pageRoutes(scope, routeParts))
  await app.ready()
  return app
}
