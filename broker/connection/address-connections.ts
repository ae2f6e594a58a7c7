import type { Socket } from 'node:net'
import { networkOf } from '#telemetry/network.ts'
import { TokenBucket } from '../limits/token-bucket.ts'

/** A connection from its opening on. */
export interface OpenConnection {
  socket: Socket
  /** the same for all objects that stand for it: those of TLS and WebSocket are above the one that was opened, with the same ends */
  name: string
  entry: AddressEntry
  /** ms of the process */
  at: number
  /** of its CONNECT that came already */
  bytes: number
  isCounted: boolean
}

/** An address (IPv6: a /64) with its connections. */
export interface AddressEntry {
  name: string
  connections: number
  connects: TokenBucket
  /** those without a whole CONNECT, oldest first */
  silent: Set<OpenConnection>
  /** of CONNECTs that came in part */
  bytes: number
}

/** Names a connection by its ends. */
export const nameOf = ({ remoteAddress, remotePort, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localPort}`

/** s of the connect rate that may come at once */
const burstS = 10
/** ms between two sweeps of addresses to forget */
const sweepMs = 1_000

/** The addresses that have connections, or had some recently; the one with most connections without a CONNECT is known at any time. */
export class AddressConnections {
  readonly #connectsPerSecond: number
  readonly #addresses = new Map<string, AddressEntry>()
  /** addresses by the number of their connections without a CONNECT */
  readonly #bySilent: Set<AddressEntry>[] = []
  #sweptAt = 0

  constructor(connectsPerSecond: number) {
    this.#connectsPerSecond = connectsPerSecond
  }

  at(address: string, now: number): AddressEntry {
    if (now - this.#sweptAt > sweepMs) this.#sweep(now)
    const name = networkOf(address)
    const known = this.#addresses.get(name)
    if (known) return known
    const perSecond = this.#connectsPerSecond
    const connects = new TokenBucket(perSecond, perSecond * burstS, now)
    const entry = { name, connections: 0, connects, silent: new Set<OpenConnection>(), bytes: 0 }
    this.#addresses.set(name, entry)
    return entry
  }

  addSilent(connection: OpenConnection): void {
    const { entry } = connection
    this.#bySilent[entry.silent.size]?.delete(entry)
    const size = entry.silent.add(connection).size
    const same = this.#bySilent[size]
    if (same) same.add(entry)
    else this.#bySilent[size] = new Set([entry])
  }

  /** Whether it was one of them. */
  removeSilent(connection: OpenConnection): boolean {
    const { entry } = connection
    if (!entry.silent.delete(connection)) return false
    entry.bytes -= connection.bytes
    const size = entry.silent.size
    this.#bySilent[size + 1]?.delete(entry)
    if (size > 0) this.#bySilent[size]?.add(entry)
    while (this.#bySilent.length > 0 && !this.#bySilent.at(-1)?.size) this.#bySilent.length -= 1
    return true
  }

  /** The address with most connections without a CONNECT; undefined when there are none. */
  get mostSilent(): AddressEntry | undefined {
    const [entry] = this.#bySilent.at(-1) ?? []
    return entry
  }

  /** Forgets addresses that have no connection and owe nothing, so that the map holds those of the last seconds only. */
  #sweep(now: number): void {
    this.#sweptAt = now
    for (const [name, { connections, connects }] of this.#addresses)
      if (connections === 0 && connects.isFull(now)) this.#addresses.delete(name)
  }
}
