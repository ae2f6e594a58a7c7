import type { Duplex } from 'node:stream'
import type { BrokerLimits } from './limits.ts'
import { isService, ratesOf } from './role-rates.ts'
import { TokenBucket } from './token-bucket.ts'

/** What a connection may send. */
export interface Allowance {
  messages: TokenBucket
  bytes: TokenBucket
  /** bytes of a packet that it may send even where MAX_PACKET_BYTES is less */
  packetBytes: number
}

/** What all connections of a device have together. */
interface Device {
  allowance: Allowance
  /** those that are open: as long as there is one it is not forgotten, or the next would get another */
  connections: number
}

/** s of a rate that may come at once */
const burstS = 2
/** ms of its rate that a device may owe and still connect */
const mostOwedMs = 10_000
/** ms between two sweeps of users to forget */
const sweepMs = 10_000

/**
 * The rate limits of users. All connections of a device share one allowance, also those that follow one another: otherwise many would send many
 * times as much, and each new one a burst. Those of a service, each of which stands for a sensor or a part of the platform, have one each.
 */
export class UserRates {
  readonly #limits: BrokerLimits
  readonly #now: () => number
  readonly #devices = new Map<string, Device>()
  #sweptAt: number

  /** @param now ms of a clock that never goes back */
  constructor(limits: BrokerLimits, now: () => number = () => performance.now()) {
    this.#limits = limits
    this.#now = now
    this.#sweptAt = now()
  }

  /** What this connection may send, from now until it closes. */
  allowanceOf(connection: Duplex, user: string, role: string): Allowance {
    if (isService(role)) return this.#newAllowance(role)
    const device = this.#deviceOf(user, role)
    if (!connection.closed) {
      device.connections += 1
      connection.once('close', () => {
        device.connections -= 1
      })
    }
    return device.allowance
  }

  /**
   * Counts a CONNECT and its will, which is a message too; false when its device owes so much already that it
   * must connect later. Services are not counted, for each of their connections has rates of its own.
   */
  chargeConnect(user: string, role: string, willBytes: number): boolean {
    if (isService(role)) return true
    const { messages, bytes } = this.#deviceOf(user, role).allowance
    const now = this.#now()
    if (Math.max(messages.consume(0, now), bytes.consume(0, now)) > mostOwedMs) return false
    messages.consume(1, now)
    bytes.consume(willBytes, now)
    return true
  }

  #deviceOf(user: string, role: string): Device {
    const now = this.#now()
    if (now - this.#sweptAt > sweepMs) this.#sweep(now)
    const known = this.#devices.get(user)
    if (known) return known
    const device = { allowance: this.#newAllowance(role), connections: 0 }
    this.#devices.set(user, device)
    return device
  }

  #newAllowance(role: string): Allowance {
    const now = this.#now()
    const { messages, bytes, packetBytes } = ratesOf(role, this.#limits)
    return {
      messages: new TokenBucket(messages, messages * burstS, now),
      bytes: new TokenBucket(bytes, bytes * burstS, now),
      packetBytes,
    }
  }

  /** Forgets devices that have no connection and owe nothing: the next connection gets the same allowance. */
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
