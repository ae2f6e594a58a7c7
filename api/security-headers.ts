import type { ApiServer } from './server.ts'

/** An outside map style brings tiles, sprites and glyphs from hosts that only the style knows. */
function outsideHosts(mapStyleUrl: string | undefined): string {
  return mapStyleUrl === undefined ? '' : ` ${new URL(mapStyleUrl).origin} https:`
}

/** The content security policy of every page. */
function contentPolicy(mapStyleUrl: string | undefined): string {
  const outside = outsideHosts(mapStyleUrl)
  return [
    "default-src 'self'",
    "script-src 'self'",
    "worker-src 'self' blob:",
    `img-src 'self' data: blob:${outside}`,
    "style-src 'self' 'unsafe-inline'",
    `connect-src 'self' ws: wss:${outside}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Puts the headers that make a browser careful on every answer. */
export function installSecurityHeaders(app: ApiServer, mapStyleUrl: string | undefined): void {
  const headers = {
    'content-security-policy': contentPolicy(mapStyleUrl),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  }
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(headers)
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store')
  })
}
