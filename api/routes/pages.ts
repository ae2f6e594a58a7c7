import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import { z } from 'zod'
import { ApiProblem } from '../problems.ts'
import type { ApiServer, ServerParts } from '../server.ts'
import { cookieName } from '../sessions.ts'
import { cookieOptions } from './session.ts'

/** The dashboard, and the way in by `/?token=…`. */
export async function pageRoutes(app: ApiServer, { dashboardDir, sessions, trail }: ServerParts): Promise<void> {
  if (dashboardDir !== undefined) {
    const hashed = join(dashboardDir, 'assets/')
    app.addHook('onRoute', (route) => {
      route.config = { ...route.config, right: 'open' }
      route.schema = { ...route.schema, hide: true }
    })
    await app.register(fastifyStatic, {
      root: dashboardDir,
      // the build leaves a .gz beside each file worth it
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
      config: { right: 'open' },
      // a preview's HEAD must not use up a one-time token
      exposeHeadRoute: false,
      schema: { hide: true, querystring: z.looseObject({ token: z.string().max(1_024).optional() }) },
    },
    async ({ query, ip }, reply) => {
      if (query.token !== undefined) {
        const person = sessions.redeem(query.token)
        void trail.record({
          ...{ who: person?.name ?? '', target: '', from: ip },
          what: person ? 'session.begin' : 'session.refuse',
        })
        if (person) reply.setCookie(cookieName, sessions.issue(), cookieOptions)
        return reply.header('cache-control', 'no-store').redirect('/', 303)
      }
      if (dashboardDir === undefined) throw new ApiProblem('NOT_FOUND', 'no dashboard is served here')
      return reply.sendFile('index.html')
    },
  )
}
