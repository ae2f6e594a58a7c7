import type { IncomingMessage } from 'node:http'
import proxyAddress from '@fastify/proxy-addr'

/** Checks whether an address is of the proxies that are trusted. */
export function trustedProxyMatcher(trustProxy: string | undefined): (address: string) => boolean {
  if (trustProxy === undefined) return () => false
  const trusted = proxyAddress.compile(trustProxy.split(',').map((part) => part.trim()))
  return (address) => trusted(address, 0)
}

/** Reads the address a request comes from, seeing through the proxies that are trusted, as Fastify does for its own requests. */
export function clientAddressReader(trustProxy: string | undefined): (request: IncomingMessage) => string {
  if (trustProxy === undefined) return ({ socket }) => socket.remoteAddress ?? ''
  const trusted = proxyAddress.compile(trustProxy.split(',').map((part) => part.trim()))
  return (request) => proxyAddress(request, trusted)
}
