import type { IncomingHttpHeaders } from 'node:http'

type Asked = { method?: string | undefined; headers: IncomingHttpHeaders; socket?: object }

/** The `Host` as a page of this scheme has it in its address: a proxy may add the port that goes without saying. */
function hostFor(protocol: string, host: string): string | undefined {
  const url = `${protocol}//${host}`
  return URL.canParse(url) ? new URL(url).host : undefined
}

/**
 * Whether an address is one of ours: `publicUrl`, or that of the `Host` the request is sent to. Where we are known to be asked over
 * https, a page of the same name without it is not ours: anybody on the way may have written it.
 */
export function isOwnOrigin(origin: string, { headers, socket }: Asked, publicUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, host, origin: asked } = new URL(origin)
  const known = publicUrl === undefined ? undefined : new URL(publicUrl)
  if (asked === known?.origin) return true
  if (protocol !== 'http:' && protocol !== 'https:') return false
  if (headers.host === undefined || hostFor(protocol, headers.host) !== host) return false
  const isSecure =
    (socket !== undefined && 'encrypted' in socket) || (known?.protocol === 'https:' && known.host === host)
  return protocol === 'https:' || !isSecure
}

/**
 * Whether a page of another site makes a browser ask, by what the browser says: `Sec-Fetch-Site`, and `Origin` or `Referer` where
 * it sends no such word. Programs that are no browser send none of them.
 */
export function isFromOtherSite(asked: Asked, publicUrl: string | undefined): boolean {
  const { headers } = asked
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const from = headers.origin ?? headers.referer
  return from !== undefined && !isOwnOrigin(from, asked, publicUrl)
}

/**
 * Whether a request would change something for a page of another site, with the session's cookie or without, whatever SameSite comes to.
 * No page sends a bearer token for another site; of any other `Authorization` the cookie counts all the same.
 */
export function isForged(asked: Asked, hasBearer: boolean, publicUrl: string | undefined): boolean {
  const { method, headers } = asked
  if (method === 'GET' || method === 'HEAD' || hasBearer) return false
  const { origin } = headers
  return isFromOtherSite(asked, publicUrl) || (origin !== undefined && !isOwnOrigin(origin, asked, publicUrl))
}
