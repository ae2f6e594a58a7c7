import type { FastifyRequest, RouteOptions } from 'fastify'
import { isLoopbackAddress } from '#telemetry/network.ts'
import { isForged, isFromOtherSite } from '#telemetry/other-sites.ts'
import { ownHosts } from '#telemetry/own-host.ts'
import { type Right, stranger } from '#telemetry/people.ts'
import type { RateLimits } from '../limits/rate-limits.ts'
import { bearerOf, callerOf, hasBearer } from '../sign-in/caller.ts'
import type { RefusedSignIns } from '../sign-in/refused-sign-ins.ts'
import type { Caller, Sessions } from '../sign-in/sessions.ts'
import type { WebOptions } from '../web-options.ts'
import type { ApiServer } from './api-server.ts'
import { ApiProblem } from './problems.ts'

/** What a route asks of who calls it: a right; `open`: nothing; `loopback`: to be on this machine, or the right `metrics:see`. */
export type RouteRight = Right | 'open' | 'loopback'

/** A route and what it asks. */
export interface ProtectedRoute {
  method: string
  url: string
  right: RouteRight
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** every route names it; the api does not start otherwise */
    right?: RouteRight
  }
  interface FastifyRequest {
    /** the caller; {@link stranger} on an open route that is called without a session or token */
    person: Caller
  }
  interface FastifyInstance {
    /** every route and what it asks; known once the server is ready */
    protectedRoutes: readonly ProtectedRoute[]
  }
}

/** Whether the request comes from this machine itself and not through a proxy on it. */
function isFromThisMachine(request: FastifyRequest): boolean {
  const { 'x-forwarded-for': forwardedFor, forwarded } = request.headers
  if (forwardedFor !== undefined || forwarded !== undefined) return false
  return isLoopbackAddress(request.socket.remoteAddress ?? '')
}

interface AuthorizationParts {
  sessions: Sessions
  limits: RateLimits
  web: WebOptions
  refusedSignIns: RefusedSignIns
}

/** Collects what each route asks. @throws Error when the server gets ready and a route has named nothing */
function collectRouteRights(app: ApiServer): void {
  const routes: RouteOptions[] = []
  const guarded: ProtectedRoute[] = []
  app.decorate('protectedRoutes', guarded)
  app.addHook('onRoute', (route) => {
    routes.push(route)
  })
  app.addHook('onReady', async () => {
    // looked at only now: a plugin may set the right of its routes after this hook has seen them
    for (const { method, url, config } of routes) {
      const right = config?.right
      if (right === undefined) throw new Error(`route ${method} ${url} does not say which right it asks for`)
      for (const each of [method].flat()) guarded.push({ method: each, url, right })
    }
  })
}

/**
 * Counts every request and asks of every caller what the route's `config.right` says; unknown addresses answer 404 to
 * anyone. @throws ApiProblem
 */
export function installAuthorization(
  app: ApiServer,
  { sessions, limits, web, refusedSignIns }: AuthorizationParts,
): void {
  const isOwnHost = ownHosts(web.publicUrl, web.allowedHosts)
  collectRouteRights(app)
  app.decorateRequest('person', undefined as unknown as Caller) // set by the hook below before anything else looks at it
  app.addHook('onRequest', async (request: FastifyRequest) => {
    request.person = stranger
    if (!isOwnHost(request.raw)) throw new ApiProblem('WRONG_HOST', { code: 'NOT_OUR_HOST', params: {} })
    request.person = await callerOf(request, sessions)
    // a page of another site must not use up what the person at that browser may ask
    if (request.person === stranger && isFromOtherSite(request.raw, web.publicUrl))
      await limits.countOfOtherSite(request)
    else await limits.countRequest(request)
    // not waited for: nothing was changed
    if (request.person === stranger && hasBearer(request))
      void refusedSignIns.refused({ from: request.ip, way: 'bearer' })
    const { right } = request.routeOptions.config
    if (isForged(request.raw, bearerOf(request) !== undefined, web.publicUrl))
      throw new ApiProblem('FORBIDDEN', { code: 'OTHER_SITE', params: {} })
    if (request.is404 || right === 'open') return
    if (right === 'loopback' && isFromThisMachine(request)) return
    const needed: Right = right === undefined || right === 'loopback' ? 'metrics:see' : right
    if (request.person.rights.includes(needed)) return
    if (request.person === stranger) throw new ApiProblem('UNAUTHENTICATED', { code: 'NOT_SIGNED_IN', params: {} })
    throw new ApiProblem('FORBIDDEN', { code: 'RIGHT_NEEDED', params: { right: needed } })
  })
}
