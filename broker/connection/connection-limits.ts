import type { Socket } from 'node:net'
import type { Gauge } from 'prom-client'
import type { BrokerLimits } from '../limits/limits.ts'
import { AddressConnections, type AddressEntry, nameOf, type OpenConnection } from './address-connections.ts'

/**
 * Why a connection is refused: too many in all, too many of its address, too many new ones of its address. Or why one without a whole
 * CONNECT is ended: for a newer one, for the bytes of CONNECTs that do not end, or because its CONNECT did not come in time.
 */
export type ConnectionLimitFault =
  | 'connections'
  | 'address'
  | 'connect-rate'
  | 'displaced'
  | 'connect-bytes'
  | 'connect-timeout'

/** The error with which a connection without a CONNECT is ended, so that it is not reported as a failed handshake. */
export class SilentEnd extends Error {}

/** ms without a byte after which a connection has made no work: before, its CONNECT may not be read yet */
const idleMs = 1_000
/** silent connections of an address that are checked for one without a byte */
const mostChecked = 20

/** most bytes of CONNECTs that have come in part, of one address and in all */
const maxConnectBytes = { address: 8_388_608, all: 67_108_864 }

/**
 * Bounds connections, in all and per address, from the moment they are opened, handshakes of TLS and WebSocket included. Each must
 * send its whole CONNECT in time. Where there is no room, a new connection replaces the oldest one without a CONNECT ("silent"): of its own
 * address, or of the address that has most of them. So a client that opens many and sends nothing shuts nobody out.
 */
export class ConnectionLimits {
  readonly #limits: BrokerLimits
  readonly #connections: Gauge
  readonly #refused: (fault: ConnectionLimitFault, address: string) => void
  readonly #addresses: AddressConnections
  /** those without a whole CONNECT, oldest first */
  readonly #silent = new Map<string, OpenConnection>()
  #all = 0
  /** of CONNECTs in part */
  #bytes = 0
  #deadline: NodeJS.Timeout | undefined

  constructor(
    limits: BrokerLimits,
    connections: Gauge,
    refused: (fault: ConnectionLimitFault, address: string) => void,
  ) {
    this.#limits = limits
    this.#connections = connections
    this.#refused = refused
    this.#addresses = new AddressConnections(limits.CONNECTS_PER_SECOND)
  }

  /** Counts the connection until it closes; destroys it and answers false when there is no room. */
  admit(socket: Socket): boolean {
    const now = performance.now()
    const entry = this.#addresses.at(socket.remoteAddress ?? '', now)
    const fault = this.#fault(entry, now)
    if (fault) {
      this.#refused(fault, entry.name)
      socket.destroy()
      return false
    }
    const connection: OpenConnection = { socket, name: nameOf(socket), entry, at: now, bytes: 0, isCounted: true }
    entry.connections += 1
    this.#silent.delete(connection.name)
    this.#silent.set(connection.name, connection)
    this.#addresses.addSilent(connection)
    this.#count(1)
    socket.once('close', () => this.#closed(connection))
    this.#deadline ??= this.#wait(connection)
    return true
  }

  /** A part of a CONNECT came; `socket` is the connection, or what is above it. */
  connectBytesReceived(socket: Socket, bytes: number): void {
    const connection = this.#silent.get(nameOf(socket))
    if (!connection) return
    connection.bytes += bytes
    this.#bytes += bytes
    connection.entry.bytes += bytes
    if (connection.entry.bytes > maxConnectBytes.address) this.#end(connection.entry.silent, 'connect-bytes')
    else if (this.#bytes > maxConnectBytes.all) this.#end(this.#addresses.mostSilent?.silent, 'connect-bytes')
  }

  /** The whole CONNECT has come: no new connection replaces this one. */
  connectReceived(socket: Socket): void {
    const connection = this.#silent.get(nameOf(socket))
    if (connection) this.#notSilent(connection)
  }

  #fault(entry: AddressEntry, now: number): ConnectionLimitFault | undefined {
    if (!entry.connects.tryConsume(now) && !this.#replaceIdle(entry, now)) return 'connect-rate'
    const { MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS } = this.#limits
    if (entry.connections >= MAX_CONNECTIONS_PER_ADDRESS)
      return this.#end(entry.silent, 'displaced') ? undefined : 'address'
    if (this.#all < MAX_CONNECTIONS) return undefined
    return this.#end(this.#addresses.mostSilent?.silent, 'displaced') ? undefined : 'connections'
  }

  /**
   * The rate of new connections bounds the work that they make. Beyond it, a new one may replace an older one of its address that has not sent
   * a byte, for that one made none.
   */
  #replaceIdle(entry: AddressEntry, now: number): boolean {
    let checked = 0
    for (const connection of entry.silent) {
      if (now - connection.at < idleMs) return false
      if (connection.socket.bytesRead === 0) return this.#end([connection], 'displaced')
      checked += 1
      if (checked >= mostChecked) return false
    }
    return false
  }

  /** Ends the first of these; false when there is none. */
  #end(silent: Iterable<OpenConnection> | undefined, fault: ConnectionLimitFault): boolean {
    const [oldest] = silent ?? []
    if (!oldest) return false
    this.#closed(oldest)
    this.#refused(fault, oldest.entry.name)
    oldest.socket.destroy(new SilentEnd(fault))
    return true
  }

  #closed(connection: OpenConnection): void {
    this.#notSilent(connection)
    if (!connection.isCounted) return
    connection.isCounted = false
    connection.entry.connections -= 1
    this.#count(-1)
  }

  #notSilent(connection: OpenConnection): void {
    if (!this.#addresses.removeSilent(connection)) return
    this.#bytes -= connection.bytes
    if (this.#silent.get(connection.name) === connection) this.#silent.delete(connection.name)
    if (this.#silent.size > 0) return
    clearTimeout(this.#deadline)
    this.#deadline = undefined
  }

  /** Waits for the oldest one's time to be over; the others came later. */
  #wait({ at }: OpenConnection): NodeJS.Timeout {
    const timeoutMs = this.#limits.CONNECT_TIMEOUT_S * 1_000
    return setTimeout(
      () => {
        this.#deadline = undefined
        const before = performance.now() - timeoutMs
        for (const connection of this.#silent.values()) {
          if (connection.at > before) {
            this.#deadline = this.#wait(connection)
            return
          }
          this.#end([connection], 'connect-timeout')
        }
      },
      Math.max(1, at + timeoutMs - performance.now()),
    )
  }

  #count(change: number): void {
    this.#all += change
    this.#connections.set(this.#all)
  }
}
