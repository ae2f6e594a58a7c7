import cookie from '@fastify/cookie'
import { ConnectionLimiter, defaultConnectionLimits } from '../limits/connection-limits.ts'
import { installQueryLimits } from '../limits/query-limits.ts'
import { defaultQueryLimits } from '../limits/query-scheduler.ts'
import { installRateLimits } from '../limits/rate-limits.ts'
import { installDocs } from '../openapi/docs.ts'
import { installRoutes } from '../routes/routes.ts'
import { SignIn } from '../sign-in/sign-in.ts'
import type { ApiServer } from './api-server.ts'
import { installAuthorization } from './authorization.ts'
import { trustedProxyMatcher } from './client-address.ts'
import { createServer, installRequestBounds } from './create-server.ts'
import { installProblems } from './problems.ts'
import type { RouteParts, ServerParts } from './route-parts.ts'
import { installSecurityHeaders } from './security-headers.ts'
import { installStrictValidation } from './strict-validation.ts'

/** Builds the HTTP side of the api; the caller makes it listen. */
export async function buildServer(parts: ServerParts): Promise<ApiServer> {
  const app = createServer(parts)
  const limitsOfConnections = { ...defaultConnectionLimits, ...parts.connections }
  const isProxy = trustedProxyMatcher(parts.web.trustProxy)
  new ConnectionLimiter({ ...parts, limits: limitsOfConnections, isProxy }).follow(app.server)
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
  await installDocs(app, parts.districts)
  await installRoutes(app, routeParts)
  await app.ready()
  return app
}
