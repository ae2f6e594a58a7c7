import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { z } from 'zod'
import { isFromOtherSite } from '#telemetry/other-sites.ts'
import { stranger } from '#telemetry/people.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import type { RouteParts } from '../server/route-parts.ts'

/** What the sign-in page is told of a link that did not sign in. */
function linkFaultOf({ code, faults }: ApiProblem): 'link-used' | 'link-wrong' | 'often' {
  if (code === 'TOO_MANY_REQUESTS') return 'often'
  return faults.some((fault) => fault.code === 'LOGIN_LINK_USED') ? 'link-used' : 'link-wrong'
}

/** The dashboard, and the way in by `/?token=…`. */
export async function pageRoutes(app: ApiServer, { dashboardDir, signIn, web }: RouteParts): Promise<void> {
  if (dashboardDir !== undefined) {
    const hashed = join(dashboardDir, 'assets/')
    app.addHook('onRoute', (route) => {
      // a file is the same whatever is added to its address
      route.config = { ...route.config, right: 'open', parameters: 'any' }
      route.schema = { ...route.schema, hide: true }
    })
    await app.register(fastifyStatic, {
      root: dashboardDir,
      // the build leaves a .br and a .gz beside each file worth it
      preCompressed: true,
      setHeaders: (reply, path) => {
        // names under assets/ carry a hash of their content
        if (path.startsWith(hashed)) reply.header('cache-control', 'public, max-age=31536000, immutable')
      },
    })
  }
  app.get(
    '/',
    {
      config: { right: 'open', parameters: 'any' },
      // a preview's HEAD must not use up a one-time token
      exposeHeadRoute: false,
      schema: { hide: true, querystring: z.looseObject({ token: z.string().max(1_024).optional() }) },
    },
    async (request, reply) => {
      const { token, ...others } = request.query
      if (token !== undefined) {
        // a page of another site neither signs anybody in nor uses up the tries of who reads it; what the browser does not say,
        // as over http to another machine, is counted apart
        if (isFromOtherSite(request.raw, web.publicUrl))
          throw new ApiProblem('FORBIDDEN', { code: 'LINK_OF_OTHER_SITE', params: {} })
        // a token that is not valid leads to the page too: it shows how to sign in
        const fault = await signIn.byLink(request, reply, token).then(
          () => undefined,
          (error: unknown) => {
            if (error instanceof ApiProblem) return linkFaultOf(error)
            throw error
          },
        )
        // a link with a token may ask for a language as well
        const kept = new URLSearchParams()
        for (const [name, value] of Object.entries(others)) kept.append(name, String(value))
        const query = kept.size > 0 ? `?${kept}` : ''
        // who is signed in all the same goes on where the address says
        const said = fault !== undefined && request.person === stranger ? `#sign-in=${fault}` : ''
        return reply.header('cache-control', 'no-store').redirect(`/${query}${said}`, 303)
      }
      if (dashboardDir === undefined) throw new ApiProblem('NOT_FOUND', { code: 'NO_DASHBOARD', params: {} })
      return reply.sendFile('index.html')
    },
  )
}
