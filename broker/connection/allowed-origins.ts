import type { IncomingMessage } from 'node:http'
import { isOwnOrigin } from '#telemetry/other-sites.ts'
import { ownHosts } from '#telemetry/own-host.ts'

/** Which pages may open MQTT over WebSocket. */
export interface OriginOptions {
  /** address under which browsers reach the dashboard, when it is not its own */
  publicUrl: string | undefined
  /** further names of ours, as in the `Host` header */
  allowedHosts: readonly string[]
  /** port of the dashboard on this machine; 0 when it is not known */
  dashboardPort: number
}

/** A name with the port of the dashboard instead of its own. */
function withPort(host: string, port: number): string {
  const url = `http://${host}`
  return URL.canParse(url) ? `${new URL(url).hostname}:${port}` : host
}

/**
 * Makes the check of a WebSocket's origin. It may be opened by a program, which sends no `Origin`, or by a page of ours that asks for a name of ours. A
 * browser opens one to this machine for a page of any site, also of one whose name leads here (DNS rebinding): such a page would
 * fail sign-ins in the name of all that have its reader's address.
 */
export function originCheck(options: OriginOptions): (request: IncomingMessage) => boolean {
  const { publicUrl, allowedHosts, dashboardPort } = options
  const isOwnHost = ownHosts(publicUrl, allowedHosts)
  return (request) => {
    const { headers, socket } = request
    const { origin, host = '' } = headers
    if (origin === undefined) return true
    const names = [host, ...allowedHosts].flatMap((name) => [name, withPort(name, dashboardPort)])
    return (
      isOwnHost(request) && names.some((name) => isOwnOrigin(origin, { headers: { host: name }, socket }, publicUrl))
    )
  }
}
