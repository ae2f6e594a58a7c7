import helmet from '@fastify/helmet'
import type { ApiServer } from './api-server.ts'
import type { ServerParts } from './route-parts.ts'

/** What the headers depend on. */
type HeaderOptions = Pick<ServerParts, 'web' | 'tls'>

/** s for which a browser that came by https comes by nothing else: half a year */
const httpsOnlySeconds = 15_768_000

/** Puts the headers that make a browser careful on every answer. */
export async function installSecurityHeaders(app: ApiServer, { web, tls }: HeaderOptions): Promise<void> {
  const self = "'self'"
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: [self],
        scriptSrc: [self],
        scriptSrcAttr: ["'none'"],
        styleSrc: [self],
        workerSrc: [self],
        imgSrc: [self, 'data:', 'blob:', ...web.mapOrigins],
        connectSrc: [self, ...web.mapOrigins],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: [self],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: tls || web.publicUrl?.startsWith('https:') ? { maxAge: httpsOnlySeconds } : false,
    frameguard: { action: 'deny' },
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('permissions-policy', 'camera=(), microphone=(), geolocation=()')
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store')
  })
}
