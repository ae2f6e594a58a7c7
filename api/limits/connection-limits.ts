import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Logger } from 'pino'
import { networkOf } from '#telemetry/network.ts'
import type { ApiMetrics } from '../metrics.ts'

/** How many connections the api holds at once, the live feed's among them. */
export interface ConnectionLimits {
  all: number
  /** of one address (IPv6: one /64) */
  perAddress: number
}

/** The usual limits. */
export const defaultConnectionLimits: ConnectionLimits = { all: 4_000, perAddress: 1_000 }

interface ConnectionParts {
  limits: ConnectionLimits
  /** Whether many people come from this address: it has no share of its own. */
  isProxy(address: string): boolean
  metrics: ApiMetrics
  log: Logger
}

interface Connection {
  socket: Socket
  /** its ends, by which what is above it finds it: a later one may have the same before this one is known to be closed */
  name: string
  isCounted: boolean
  holder: Holder
  /** requests that are being answered */
  requests: number
}

/** An address with its connections. */
interface Holder {
  name: string
  isProxy: boolean
  connections: number
  /** those without a request in progress and not upgraded, the longest idle first */
  idle: Set<Connection>
}

/** ms between two log lines */
const logEveryMs = 1_000

/** Names a connection: TLS has a socket of its own above the one that was opened, with the same ends. */
const nameOf = ({ remoteAddress, remotePort, localAddress }: Socket) => `${remoteAddress} ${remotePort} ${localAddress}`

/**
 * Bounds connections, in all and per address. A new connection beyond a limit is accepted, and the longest idle connection of its address, or of
 * the address that has most idle ones, is ended for it: who opens many and sends nothing shuts nobody out.
 */
export class ConnectionLimiter {
  readonly #parts: ConnectionParts
  readonly #byName = new Map<string, Connection>()
  readonly #holders = new Map<string, Holder>()
  #all = 0
  #loggedAt = Number.NEGATIVE_INFINITY
  /** ended or refused since the last log line */
  #unsaid = 0

  constructor(parts: ConnectionParts) {
    this.#parts = parts
    parts.metrics.connectionsLimit.set(parts.limits.all)
  }

  /** Watches every connection of a server from now on. */
  follow(server: Server): void {
    server.on('connection', (socket) => this.#open(socket))
    server.on('request', (request: IncomingMessage, response: ServerResponse) => this.#ask(request.socket, response))
    server.on('upgrade', ({ socket }: IncomingMessage) => {
      const connection = this.#byName.get(nameOf(socket))
      connection?.holder.idle.delete(connection)
    })
  }

  #open(socket: Socket): void {
    if (socket.remoteAddress === undefined) {
      socket.destroy() // it was reset before it was taken
      return
    }
    // one that asked for an upgrade and is read as before
    if (this.#byName.get(nameOf(socket))?.socket === socket) return
    const holder = this.#holderOf(socket.remoteAddress)
    const { all, perAddress } = this.#parts.limits
    if (!holder.isProxy && holder.connections >= perAddress) {
      if (!this.#makeRoom(holder, 'address')) {
        this.#refuse(socket, holder, 'address')
        return
      }
    } else if (this.#all >= all && !this.#makeRoom(this.#idlest(), 'all')) {
      this.#refuse(socket, holder, 'all')
      return
    }
    const connection = { socket, name: nameOf(socket), isCounted: true, holder, requests: 0 }
    this.#byName.set(connection.name, connection)
    this.#holders.set(holder.name, holder)
    holder.connections += 1
    this.#all += 1
    holder.idle.add(connection)
    this.#show()
    socket.once('close', () => this.#forget(connection))
  }

  #ask(socket: Socket, response: ServerResponse): void {
    const connection = this.#byName.get(nameOf(socket))
    if (!connection) return
    connection.requests += 1
    connection.holder.idle.delete(connection)
    response.once('close', () => {
      connection.requests -= 1
      if (connection.requests === 0 && connection.isCounted) connection.holder.idle.add(connection)
    })
  }

  #holderOf(address: string): Holder {
    const isProxy = this.#parts.isProxy(address)
    const name = networkOf(address)
    return this.#holders.get(name) ?? { name, isProxy, connections: 0, idle: new Set() }
  }

  #idlest(): Holder | undefined {
    let most: Holder | undefined
    for (const holder of this.#holders.values()) if (holder.idle.size > (most?.idle.size ?? 0)) most = holder
    return most
  }

  /** Ends the longest idle connection of an address; false when it has none. */
  #makeRoom(holder: Holder | undefined, why: 'address' | 'all'): boolean {
    const [oldest] = holder?.idle ?? []
    if (!holder || !oldest) return false
    this.#forget(oldest)
    oldest.socket.destroy()
    this.#logEnded(holder, why, 'the longest idle one was ended')
    return true
  }

  #refuse(socket: Socket, holder: Holder, why: 'address' | 'all'): void {
    socket.destroy()
    this.#logEnded(holder, why, 'none was idle, the new one was refused')
  }

  #forget(connection: Connection): void {
    if (!connection.isCounted) return
    connection.isCounted = false
    const { name, holder } = connection
    if (this.#byName.get(name) === connection) this.#byName.delete(name)
    this.#all -= 1
    holder.idle.delete(connection)
    holder.connections -= 1
    if (holder.connections === 0) this.#holders.delete(holder.name)
    this.#show()
  }

  #show(): void {
    this.#parts.metrics.connections.set(this.#all)
  }

  #logEnded({ name, connections }: Holder, why: 'address' | 'all', what: string): void {
    const { metrics, log, limits } = this.#parts
    metrics.connectionsEnded.inc({ why })
    this.#unsaid += 1
    const now = performance.now()
    if (now - this.#loggedAt < logEveryMs) return
    this.#loggedAt = now
    const most = why === 'address' ? `${limits.perAddress} of one address` : `${limits.all} in all`
    log.warn({ address: name, connections, ended: this.#unsaid }, `too many connections (at most ${most}): ${what}`)
    this.#unsaid = 0
  }
}
