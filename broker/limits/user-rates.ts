import type { Duplex } from 'node:stream'
import type { BrokerLimits } from './limits.ts'
import { isService, ratesOf } from './role-rates.ts'
import { TokenBucket } from './token-bucket.ts'

/** What a connection may bring. */
export interface Allowance {
  messages: TokenBucket
  bytes: TokenBucket
  /** bytes of a packet that it may send even where MAX_PACKET_BYTES is less */
  packetBytes: number
}

/** What all connections of a device have together. */
interface Held {
  allowance: Allowance
  /** those that are open: as long as there is one it is not forgotten, or the next would get another */
  connections: number
}

/** s of a rate that may come at once */
const burstS = 2
/** ms of its rate that a device may owe and still connect */
const mostOwedMs = 10_000
/** ms between two looks for users to forget */
const sweepMs = 10_000

/**
 * The rates of users. All connections of a device have one together, also those that follow one another: else many would bring many times as
 * much, and each new one a burst. Those of a service, which stand for a sensor or a part each, have one each.
 */
export class UserRates {
  readonly #limits: BrokerLimits
  readonly #now: () => number
  readonly #devices = new Map<string, Held>()
  #sweptAt: number

  /** @param now ms of a clock that never goes back */
  constructor(limits: BrokerLimits, now: () => number = () => performance.now()) {
    this.#limits = limits
    this.#now = now
    this.#sweptAt = now()
  }

  /** What this connection may bring, from now until it closes. */
  of(connection: Duplex, user: string, role: string): Allowance {
    if (isService(role)) return this.#anew(role)
    const held = this.#heldBy(user, role)
    if (!connection.closed) {
      held.connections += 1
      connection.once('close', () => {
        held.connections -= 1
      })
    }
    return held.allowance
  }

  /**
   * Counts a CONNECT with its will, which its client need not even send as a message; false when its device owes so much already that it
   * should come later. Services are not counted, for each of their connections has rates of its own.
   */
  takeConnect(user: string, role: string, willBytes: number): boolean {
    if (isService(role)) return true
    const { messages, bytes } = this.#heldBy(user, role).allowance
    const now = this.#now()
    if (Math.max(messages.take(0, now), bytes.take(0, now)) > mostOwedMs) return false
    messages.take(1, now)
    bytes.take(willBytes, now)
    return true
  }

  #heldBy(user: string, role: string): Held {
    const now = this.#now()
    if (now - this.#sweptAt > sweepMs) this.#sweep(now)
    const known = this.#devices.get(user)
    if (known) return known
    const held = { allowance: this.#anew(role), connections: 0 }
    this.#devices.set(user, held)
    return held
  }

  #anew(role: string): Allowance {
    const now = this.#now()
    const { messages, bytes, packetBytes } = ratesOf(role, this.#limits)
    return {
      messages: new TokenBucket(messages, messages * burstS, now),
      bytes: new TokenBucket(bytes, bytes * burstS, now),
      packetBytes,
    }
  }

  /** Forgets who has no connection and owes nothing: its next one gets the same anew. */
  #sweep(now: number): void {
    this.#sweptAt = now
    for (const [user, { allowance, connections }] of this.#devices)
      if (connections === 0 && allowance.messages.isFull(now) && allowance.bytes.isFull(now)) this.#devices.delete(user)
  }

  /** Devices that are remembered. */
  get size(): number {
    return this.#devices.size
  }
}
