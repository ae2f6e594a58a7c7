import type { BrokerLimits } from './limits.ts'
import { isService, ratesOf } from './rates.ts'
import { TokenBucket } from './token-bucket.ts'

/** What a connection may bring. */
export interface Allowance {
  messages: TokenBucket
  bytes: TokenBucket
  /** bytes of a packet that it may send even where MAX_PACKET_BYTES is less */
  packetBytes: number
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
  readonly #devices = new Map<string, Allowance>()
  #sweptAt = 0

  constructor(limits: BrokerLimits) {
    this.#limits = limits
  }

  of(user: string, role: string): Allowance {
    const now = performance.now()
    if (now - this.#sweptAt > sweepMs) this.#sweep(now)
    const known = isService(role) ? undefined : this.#devices.get(user)
    if (known) return known
    const { messages, bytes, packetBytes } = ratesOf(role, this.#limits)
    const allowance = {
      messages: new TokenBucket(messages, messages * burstS, now),
      bytes: new TokenBucket(bytes, bytes * burstS, now),
      packetBytes,
    }
    if (!isService(role)) this.#devices.set(user, allowance)
    return allowance
  }

  /**
   * Counts a CONNECT with its will, which its client need not even send as a message; false when its device owes so much already that it
   * should come later. Services are not counted, for each of their connections has rates of its own.
   */
  takeConnect(user: string, role: string, willBytes: number): boolean {
    if (isService(role)) return true
    const { messages, bytes } = this.of(user, role)
    const now = performance.now()
    if (Math.max(messages.take(0, now), bytes.take(0, now)) > mostOwedMs) return false
    messages.take(1, now)
    bytes.take(willBytes, now)
    return true
  }

  /** Forgets who owes nothing: its next connection gets the same anew. */
  #sweep(now: number): void {
    this.#sweptAt = now
    for (const [user, { messages, bytes }] of this.#devices)
      if (messages.isFull(now) && bytes.isFull(now)) this.#devices.delete(user)
  }
}
