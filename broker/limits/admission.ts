import { isIPv6, type Socket } from 'node:net'
import type { Gauge } from 'prom-client'
import type { BrokerLimits } from './limits.ts'
import { TokenBucket } from './token-bucket.ts'

/** Why a connection is not taken: too many in all, too many of its address, too many new ones of its address. */
export type AdmissionFault = 'connections' | 'address' | 'connect-rate'

interface Caller {
  connections: number
  connects: TokenBucket
}

/** s of the connect rate that may come at once */
const burstS = 10
/** ms between two looks for addresses to forget */
const sweepMs = 1_000

/** The address that is counted: IPv4 as it is, of IPv6 the /64, which one caller has as a whole. */
export function callerOf(address: string): string {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1]) return mapped[1]
  if (!isIPv6(address)) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const gap = tail === undefined ? 0 : 8 - left.length - right.length
  const groups = [...left, ...Array<string>(gap).fill('0'), ...right].slice(0, 4)
  return groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')
}

/** Counts connections, in all and per address, from the moment they are opened, WebSocket handshakes included. */
export class Admission {
  readonly #limits: Pick<BrokerLimits, 'MAX_CONNECTIONS' | 'MAX_CONNECTIONS_PER_ADDRESS' | 'CONNECTS_PER_SECOND'>
  readonly #connections: Gauge
  readonly #refused: (fault: AdmissionFault, caller: string) => void
  readonly #callers = new Map<string, Caller>()
  #all = 0
  #sweptAt = 0

  constructor(limits: BrokerLimits, connections: Gauge, refused: (fault: AdmissionFault, caller: string) => void) {
    this.#limits = limits
    this.#connections = connections
    this.#refused = refused
  }

  /** Takes the connection until it closes, or destroys it and answers false. */
  admit(socket: Socket): boolean {
    const now = performance.now()
    const name = callerOf(socket.remoteAddress ?? '')
    const caller = this.#caller(name, now)
    const fault = this.#fault(caller, now)
    if (fault) {
      this.#refused(fault, name)
      socket.destroy()
      return false
    }
    caller.connections += 1
    this.#count(1)
    socket.once('close', () => {
      caller.connections -= 1
      this.#count(-1)
    })
    return true
  }

  #fault(caller: Caller, now: number): AdmissionFault | undefined {
    if (!caller.connects.tryTake(now)) return 'connect-rate'
    if (caller.connections >= this.#limits.MAX_CONNECTIONS_PER_ADDRESS) return 'address'
    if (this.#all >= this.#limits.MAX_CONNECTIONS) return 'connections'
    return undefined
  }

  #count(change: number): void {
    this.#all += change
    this.#connections.set(this.#all)
  }

  #caller(name: string, now: number): Caller {
    if (now - this.#sweptAt > sweepMs) this.#sweep(now)
    const known = this.#callers.get(name)
    if (known) return known
    const perSecond = this.#limits.CONNECTS_PER_SECOND
    const caller = { connections: 0, connects: new TokenBucket(perSecond, perSecond * burstS, now) }
    this.#callers.set(name, caller)
    return caller
  }

  /** Forgets who is gone and owes nothing, so that the map stays as small as the callers of the last seconds. */
  #sweep(now: number): void {
    this.#sweptAt = now
    for (const [name, { connections, connects }] of this.#callers)
      if (connections === 0 && connects.isFull(now)) this.#callers.delete(name)
  }
}
