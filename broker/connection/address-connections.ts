import type { Socket } from 'node:net'
import { networkOf } from '#telemetry/network.ts'
import { TokenBucket } from '../limits/token-bucket.ts'

/** A connection from its opening on. */
export interface Opened {
  socket: Socket
  /** the same for all objects that stand for it: those of TLS and WebSocket are above the one that was opened, with the same ends */
  name: string
  caller: Caller
  /** ms of the process */
  at: number
  /** of its CONNECT that came already */
  bytes: number
  isCounted: boolean
}

/** An address with its connections. */
export interface Caller {
  name: string
  connections: number
  connects: TokenBucket
  /** those without a whole CONNECT, oldest first */
  silent: Set<Opened>
  /** of CONNECTs that came in part */
  bytes: number
}

/** Names a connection by its ends. */
export const nameOf = ({ remoteAddress, remotePort, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localPort}`

/** s of the connect rate that may come at once */
const burstS = 10
/** ms between two looks for addresses to forget */
const sweepMs = 1_000

/** The addresses that have connections, or had some lately; who has most silent ones is known at any time. */
export class AddressConnections {
  readonly #connectsPerSecond: number
  readonly #callers = new Map<string, Caller>()
  /** callers by the number of their silent connections */
  readonly #bySilent: Set<Caller>[] = []
  #sweptAt = 0

  constructor(connectsPerSecond: number) {
    this.#connectsPerSecond = connectsPerSecond
  }

  at(address: string, now: number): Caller {
    if (now - this.#sweptAt > sweepMs) this.#sweep(now)
    const name = networkOf(address)
    const known = this.#callers.get(name)
    if (known) return known
    const perSecond = this.#connectsPerSecond
    const connects = new TokenBucket(perSecond, perSecond * burstS, now)
    const caller = { name, connections: 0, connects, silent: new Set<Opened>(), bytes: 0 }
    this.#callers.set(name, caller)
    return caller
  }

  addSilent(opened: Opened): void {
    const { caller } = opened
    this.#bySilent[caller.silent.size]?.delete(caller)
    const size = caller.silent.add(opened).size
    const same = this.#bySilent[size]
    if (same) same.add(caller)
    else this.#bySilent[size] = new Set([caller])
  }

  /** Whether it was one of them. */
  removeSilent(opened: Opened): boolean {
    const { caller } = opened
    if (!caller.silent.delete(opened)) return false
    caller.bytes -= opened.bytes
    const size = caller.silent.size
    this.#bySilent[size + 1]?.delete(caller)
    if (size > 0) this.#bySilent[size]?.add(caller)
    while (this.#bySilent.length > 0 && !this.#bySilent.at(-1)?.size) this.#bySilent.length -= 1
    return true
  }

  /** Who has most silent connections; undefined when there are none. */
  get mostSilent(): Caller | undefined {
    const [caller] = this.#bySilent.at(-1) ?? []
    return caller
  }

  /** Forgets who is gone and owes nothing, so that the map stays as small as the callers of the last seconds. */
  #sweep(now: number): void {
    this.#sweptAt = now
    for (const [name, { connections, connects }] of this.#callers)
      if (connections === 0 && connects.isFull(now)) this.#callers.delete(name)
  }
}
