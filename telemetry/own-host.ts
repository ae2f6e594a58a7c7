import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { hostname } from 'node:os'

/** The name in a `Host` header or an address, without port and brackets, in lower case. */
function nameOf(host: string): string {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host.trim().toLowerCase()) ?? []
  return bracketed ?? plain.replace(/\.$/, '')
}

/** Every name by which a request asks for this server: its `Host`, each where it says several, and that of an address in full. */
function namesAsked({ headersDistinct, url = '' }: Asked): string[] {
  const names = (headersDistinct.host ?? []).map(nameOf)
  if (url.startsWith('/') || url === '*') return names
  return [...names, URL.canParse(url) ? nameOf(new URL(url).host) : '']
}

type Asked = Pick<IncomingMessage, 'headersDistinct' | 'url'>

/**
 * Tells whether a request asks for a name of ours: an IP address, localhost, this machine's name, that of `publicUrl`, or one
 * of `others`; with `inNetwork` also any name of one label, as services of one network have. A page of another site can let its own name resolve to this machine (DNS rebinding), and its requests then
 * name that. A request that names nothing comes from no browser; one that names several is of ours when all of them are one.
 */
export function ownHosts(
  publicUrl: string | undefined,
  others: readonly string[] = [],
  inNetwork = false,
): (request: Asked) => boolean {
  const ours = new Set(['localhost', nameOf(hostname()), ...others.map(nameOf)])
  if (publicUrl !== undefined) ours.add(nameOf(new URL(publicUrl).host))
  return (request) => {
    const [name, ...more] = new Set(namesAsked(request))
    if (name === undefined) return true
    if (more.length > 0) return false
    // nobody outside this network can let a name without a dot lead here
    if (inNetwork && /^[\w-]+$/.test(name)) return true
    return isIP(name) !== 0 || ours.has(name) || name.endsWith('.localhost')
  }
}
