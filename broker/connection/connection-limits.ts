import type { Socket } from 'node:net'
import type { Gauge } from 'prom-client'
import type { BrokerLimits } from '../limits/limits.ts'
import { AddressConnections, type Caller, nameOf, type Opened } from './address-connections.ts'

/**
 * Why a connection is not taken: too many in all, too many of its address, too many new ones of its address. Or why one that
 * was silent is ended: for a newer one, for the bytes of CONNECTs that do not end, or because its CONNECT did not come in time.
 */
export type ConnectionLimitFault =
  | 'connections'
  | 'address'
  | 'connect-rate'
  | 'displaced'
  | 'connect-bytes'
  | 'connect-timeout'

/** With which a silent connection is ended, so that nobody takes it for a fault of a handshake. */
export class SilentEnd extends Error {}

/** ms without a byte after which a connection has made no work: before, its CONNECT may not be read yet */
const idleMs = 1_000
/** silent connections of an address that are looked at for one without a byte */
const mostLooked = 20

/** most bytes of CONNECTs that have come in part, of one address and in all */
const maxConnectBytes = { address: 8_388_608, all: 67_108_864 }

/**
 * Bounds connections, in all and per address, from the moment they are opened, handshakes of TLS and WebSocket included. Each has
 * a time for its whole CONNECT. Where there is no room, a newcomer takes the place of the oldest connection without a
 * CONNECT: of its own address, or of the address that has most such. So who opens many and says nothing shuts nobody out.
 */
export class ConnectionLimits {
  readonly #limits: BrokerLimits
  readonly #connections: Gauge
  readonly #refused: (fault: ConnectionLimitFault, address: string) => void
  readonly #callers: AddressConnections
  /** those without a whole CONNECT, oldest first */
  readonly #silent = new Map<string, Opened>()
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
    this.#callers = new AddressConnections(limits.CONNECTS_PER_SECOND)
  }

  /** Takes the connection until it closes, or destroys it and answers false. */
  admit(socket: Socket): boolean {
    const now = performance.now()
    const caller = this.#callers.at(socket.remoteAddress ?? '', now)
    const fault = this.#fault(caller, now)
    if (fault) {
      this.#refused(fault, caller.name)
      socket.destroy()
      return false
    }
    const opened: Opened = { socket, name: nameOf(socket), caller, at: now, bytes: 0, isCounted: true }
    caller.connections += 1
    this.#silent.delete(opened.name)
    this.#silent.set(opened.name, opened)
    this.#callers.addSilent(opened)
    this.#count(1)
    socket.once('close', () => this.#gone(opened))
    this.#deadline ??= this.#wait(opened)
    return true
  }

  /** A part of a CONNECT came; `socket` is the connection, or what is above it. */
  came(socket: Socket, bytes: number): void {
    const opened = this.#silent.get(nameOf(socket))
    if (!opened) return
    opened.bytes += bytes
    this.#bytes += bytes
    opened.caller.bytes += bytes
    if (opened.caller.bytes > maxConnectBytes.address) this.#end(opened.caller.silent, 'connect-bytes')
    else if (this.#bytes > maxConnectBytes.all) this.#end(this.#callers.mostSilent?.silent, 'connect-bytes')
  }

  /** The whole CONNECT is there: no newcomer takes its place. */
  connected(socket: Socket): void {
    const opened = this.#silent.get(nameOf(socket))
    if (opened) this.#speaks(opened)
  }

  #fault(caller: Caller, now: number): ConnectionLimitFault | undefined {
    if (!caller.connects.tryTake(now) && !this.#replaceIdle(caller, now)) return 'connect-rate'
    const { MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS } = this.#limits
    if (caller.connections >= MAX_CONNECTIONS_PER_ADDRESS)
      return this.#end(caller.silent, 'displaced') ? undefined : 'address'
    if (this.#all < MAX_CONNECTIONS) return undefined
    return this.#end(this.#callers.mostSilent?.silent, 'displaced') ? undefined : 'connections'
  }

  /**
   * Over the rate of new connections, which is there for the work that they make, one takes the place of an older one of its address that has
   * not sent a byte: that one made none.
   */
  #replaceIdle(caller: Caller, now: number): boolean {
    let looked = 0
    for (const opened of caller.silent) {
      if (now - opened.at < idleMs) return false
      if (opened.socket.bytesRead === 0) return this.#end([opened], 'displaced')
      looked += 1
      if (looked >= mostLooked) return false
    }
    return false
  }

  /** Ends the first of these; false when there is none. */
  #end(silent: Iterable<Opened> | undefined, fault: ConnectionLimitFault): boolean {
    const [oldest] = silent ?? []
    if (!oldest) return false
    this.#gone(oldest)
    this.#refused(fault, oldest.caller.name)
    oldest.socket.destroy(new SilentEnd(fault))
    return true
  }

  #gone(opened: Opened): void {
    this.#speaks(opened)
    if (!opened.isCounted) return
    opened.isCounted = false
    opened.caller.connections -= 1
    this.#count(-1)
  }

  #speaks(opened: Opened): void {
    if (!this.#callers.removeSilent(opened)) return
    this.#bytes -= opened.bytes
    if (this.#silent.get(opened.name) === opened) this.#silent.delete(opened.name)
    if (this.#silent.size > 0) return
    clearTimeout(this.#deadline)
    this.#deadline = undefined
  }

  /** Waits for the oldest one's time to be over; the others came later. */
  #wait({ at }: Opened): NodeJS.Timeout {
    const timeoutMs = this.#limits.CONNECT_TIMEOUT_S * 1_000
    return setTimeout(
      () => {
        this.#deadline = undefined
        const before = performance.now() - timeoutMs
        for (const opened of this.#silent.values()) {
          if (opened.at > before) {
            this.#deadline = this.#wait(opened)
            return
          }
          this.#end([opened], 'connect-timeout')
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
