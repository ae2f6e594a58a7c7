import type { FastifyRequest } from 'fastify'
import { isFromOtherSite } from '#telemetry/other-sites.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import type { RouteParts } from '../server/route-parts.ts'

const cookieName = 'nhip_openid'
const path = '/api/v1/session/openid'
const config = { right: 'open' } as const

/** Sign-in at the OpenID provider, when there is one. */
export function openIdRoutes(app: ApiServer, { openId, people, signIn, limits, web }: RouteParts): void {
  if (!openId) return
  const baseOf = (request: FastifyRequest) => web.publicUrl ?? `${request.protocol}://${request.host}`
  const callbackOf = (request: FastifyRequest) => new URL(`${path}/callback`, baseOf(request))

  app.get(path, { config, exposeHeadRoute: false, schema: { hide: true } }, async (request, reply) => {
    // a page of another site must not use up the tries of who reads it
    if (isFromOtherSite(request.raw, web.publicUrl))
      throw new ApiProblem('FORBIDDEN', { code: 'SIGN_IN_OF_OTHER_SITE', params: {} })
    await limits.countOpenId(request)
    try {
      const { url, cookie, maxAgeS } = await openId.begin(callbackOf(request).href)
      // lax: the browser must send it when the provider sends it back here
      reply.setCookie(cookieName, cookie, {
        ...{ httpOnly: true, sameSite: 'lax', path, maxAge: maxAgeS },
        secure: baseOf(request).startsWith('https:'),
      })
      return reply.redirect(url, 303)
    } catch (error) {
      request.log.warn({ err: error }, 'the OpenID provider does not answer')
      return reply.redirect('/#sign-in=unreachable', 303)
    }
  })
  app.get(
    `${path}/callback`,
    // providers add to `code` and `state` what they like: `iss`, `session_state`, `scope` …; the client library checks them
    { config: { ...config, parameters: 'any' }, exposeHeadRoute: false, schema: { hide: true } },
    async (request, reply) => {
      // without the cookie of an attempt it is none of ours: it counts for nobody
      if (request.cookies[cookieName] === undefined) return reply.redirect('/#sign-in=failed', 303)
      await limits.checkSignIn(request)
      const answer = callbackOf(request)
      answer.search = new URL(request.url, 'http://nowhere').search
      reply.clearCookie(cookieName, { path })
      const vouched = await openId.finish(answer, request.cookies[cookieName] ?? '').catch((error: unknown) => {
        request.log.warn({ err: error }, 'sign-in through OpenID failed')
        return undefined
      })
      const known = vouched && people.get(vouched.id)
      if (!vouched?.role || known?.disabled) {
        await limits.countSignIn(request)
        await signIn.refuse(request, 'openid', vouched?.name ?? '', { code: 'OPENID_REFUSED', params: {} })
        return reply.redirect(`/#sign-in=${vouched ? 'forbidden' : 'failed'}`, 303)
      }
      const account = await people.fromProvider(vouched.id, vouched.name, vouched.role)
      await signIn.begin(request, reply, account, 'openid')
      return reply.redirect('/', 303)
    },
  )
}
