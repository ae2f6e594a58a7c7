import { isIP } from 'node:net'
import { hostname } from 'node:os'

/** The name in a `Host` header or an address, without port and brackets, in lower case. */
function nameOf(host: string): string {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.trim().toLowerCase()) ?? []
  return bracketed ?? plain.replace(/\.$/, '')
}

/**
 * Tells whether a request's `Host` is a name of ours: an IP address, localhost, this machine's name, that of `publicUrl`, or one
 * of `others`. A page of another site can let its own name resolve to this machine (DNS rebinding), and its requests then
 * name that. A request without `Host` comes from no browser.
 */
export function ownHosts(
  publicUrl: string | undefined,
  others: readonly string[] = [],
): (host: string | undefined) => boolean {
  const names = new Set(['localhost', nameOf(hostname()), ...others.map(nameOf)])
  if (publicUrl !== undefined) names.add(nameOf(new URL(publicUrl).host))
  return (host) => {
    if (host === undefined) return true
    const name = nameOf(host)
    return isIP(name) !== 0 || names.has(name) || name.endsWith('.localhost')
  }
}
