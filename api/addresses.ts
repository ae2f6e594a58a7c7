import type { IncomingMessage } from 'node:http'
import { isIPv6 } from 'node:net'
import proxyAddress from '@fastify/proxy-addr'

/** Tells whether an address is of the proxies that are trusted. */
export function proxyTeller(trustProxy: string | undefined): (address: string) => boolean {
  if (trustProxy === undefined) return () => false
  const trusted = proxyAddress.compile(trustProxy.split(',').map((part) => part.trim()))
  return (address) => trusted(address, 0)
}

/** Reads the address a request comes from, seeing through the proxies that are trusted, as Fastify does for its own requests. */
export function addressReader(trustProxy: string | undefined): (request: IncomingMessage) => string {
  if (trustProxy === undefined) return ({ socket }) => socket.remoteAddress ?? ''
  const trusted = proxyAddress.compile(trustProxy.split(',').map((part) => part.trim()))
  return (request) => proxyAddress(request, trusted)
}

/** What counts as one asker: an IPv6 address stands for its /64, which is what one customer has. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address
  const [head = '', tail] = address.toLowerCase().split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail ? tail.split(':') : []
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length
  const groups = [...first, ...Array.from({ length: zeros }, () => '0'), ...last]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
