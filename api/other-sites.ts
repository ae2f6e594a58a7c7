import type { IncomingHttpHeaders } from 'node:http'

type Asked = { method?: string | undefined; headers: IncomingHttpHeaders }

/** Whether an address is one of ours: that of the `Host` it is sent to, or `publicUrl`. */
export function isOwnOrigin(origin: string, host: string | undefined, publicUrl: string | undefined): boolean {
  if (!URL.canParse(origin)) return false
  return new URL(origin).host === host || (publicUrl !== undefined && new URL(publicUrl).origin === origin)
}

/**
 * Whether a page of another site makes a browser ask, by what the browser says: `Sec-Fetch-Site`, and `Origin` or `Referer` where
 * it sends no such word. Programs that are no browser send none of them.
 */
export function isFromOtherSite({ headers }: Asked, publicUrl: string | undefined): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const from = headers.origin ?? headers.referer
  return from !== undefined && !isOwnOrigin(from, headers.host, publicUrl)
}

/**
 * Whether a request would change something for a page of another site, with the session's cookie or without, whatever SameSite comes to.
 * No page sends a bearer token for another site; of any other `Authorization` the cookie counts all the same.
 */
export function isForged(asked: Asked, hasBearer: boolean, publicUrl: string | undefined): boolean {
  const { method, headers } = asked
  if (method === 'GET' || method === 'HEAD' || hasBearer) return false
  const { origin } = headers
  return isFromOtherSite(asked, publicUrl) || (origin !== undefined && !isOwnOrigin(origin, headers.host, publicUrl))
}
