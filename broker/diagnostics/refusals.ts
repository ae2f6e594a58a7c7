import { randomUUID } from 'node:crypto'
import type { BrokerRefusal, RefusalBatch, RefusalCode } from '#telemetry/diagnostics.ts'
import type { BrokerFault } from '#telemetry/faults/broker-faults.ts'
import { networkOf } from '#telemetry/network.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import { plain, shown, shownUser } from './safe-text.ts'

/** Bounds of what is remembered. */
export interface RefusalLimits {
  /** different refusals in all; beyond it the oldest go */
  maxEntries: number
  /** of one known user, or of one address where the user is not known: nobody takes the place of others */
  maxOfOne: number
  /** sent at once; the others a second later */
  maxBatch: number
}

const refusalLimits: RefusalLimits = { maxEntries: 2_000, maxOfOne: 50, maxBatch: 200 }

/** ms between two batches */
const sendEveryMs = 1_000
/** ms after which it says that it is there, when nothing was refused */
export const announceEveryMs = 60_000
/** ms after which a subscription that was granted is in place */
const subscribedMs = 200

/** What was refused to whom. */
export interface Refused {
  code: RefusalCode
  /** why, where the code does not say all */
  fault?: BrokerFault
  address: string
  client?: string | undefined
  user?: string | undefined
  /** whether there is such a user */
  isKnown: boolean
  topic?: string | undefined
  nearest?: string | undefined
}

interface Entry {
  refusal: BrokerRefusal
  share: string
}

/** Remembers what the broker refused, each sort of it once with a count, in bounds; sends what is new at most once a second. */
export class Refusals {
  /** names this process */
  readonly broker = randomUUID()
  readonly #metrics: Pick<BrokerMetrics, 'refusalsKept' | 'refusalsForgotten'>
  readonly #limits: RefusalLimits
  readonly #send: (batch: RefusalBatch) => void
  /** the oldest first */
  readonly #entries = new Map<string, Entry>()
  readonly #shares = new Map<string, Set<string>>()
  readonly #unsent = new Set<string>()
  readonly #timer: NodeJS.Timeout
  #again: NodeJS.Timeout | undefined
  #announceAt = 0

  constructor(options: {
    metrics: Pick<BrokerMetrics, 'refusalsKept' | 'refusalsForgotten'>
    send: (batch: RefusalBatch) => void
    limits?: RefusalLimits
  }) {
    this.#metrics = options.metrics
    this.#limits = options.limits ?? refusalLimits
    this.#send = options.send
    this.#timer = setInterval(() => this.#sendUnsent(), sendEveryMs).unref()
  }

  add({ code, fault, address, client = '', user, isKnown, topic, nearest }: Refused): void {
    const caller = networkOf(address)
    const refusal: BrokerRefusal = {
      ...{ code, at: Date.now(), count: 1, isKnown, address: plain(caller, shown.id), client: plain(client, shown.id) },
      user: shownUser(user, isKnown),
      ...(fault && { faults: [fault] }),
      ...(topic !== undefined && { topic: plain(topic, shown.topic) }),
      ...(nearest !== undefined && { nearest: plain(nearest, shown.topic) }),
    }
    // a client id is often another one with each connection
    const key = JSON.stringify([code, refusal.user, refusal.address, refusal.topic])
    const share = isKnown ? `user ${user}` : caller
    const known = this.#entries.get(key)
    if (known) {
      this.#entries.delete(key) // it is the newest now
      refusal.count += known.refusal.count
    } else this.#makeRoom(share)
    this.#entries.set(key, { refusal, share })
    const keys = this.#shares.get(share) ?? new Set()
    keys.delete(key)
    this.#shares.set(share, keys.add(key))
    this.#unsent.add(key)
    this.#metrics.refusalsKept.set(this.#entries.size)
  }

  /** There is a new subscriber: everything is sent again. */
  sendAgain(): void {
    this.#again ??= setTimeout(() => {
      this.#again = undefined
      this.#announceAt = 0
      for (const key of this.#entries.keys()) this.#unsent.add(key)
    }, subscribedMs).unref()
  }

  close(): void {
    clearInterval(this.#timer)
    clearTimeout(this.#again)
  }

  #makeRoom(share: string): void {
    const own = this.#shares.get(share)
    if (own && own.size >= this.#limits.maxOfOne) this.#forget(first(own))
    else if (this.#entries.size >= this.#limits.maxEntries) this.#forget(first(this.#entries.keys()))
  }

  #forget(key: string | undefined): void {
    const entry = key === undefined ? undefined : this.#entries.get(key)
    if (key === undefined || !entry) return
    this.#metrics.refusalsForgotten.inc()
    this.#entries.delete(key)
    this.#unsent.delete(key)
    const keys = this.#shares.get(entry.share)
    keys?.delete(key)
    if (keys?.size === 0) this.#shares.delete(entry.share)
  }

  #sendUnsent(): void {
    const refusals: BrokerRefusal[] = []
    for (const key of this.#unsent) {
      if (refusals.length >= this.#limits.maxBatch) break
      this.#unsent.delete(key)
      const entry = this.#entries.get(key)
      if (entry) refusals.push(entry.refusal)
    }
    if (refusals.length === 0 && performance.now() < this.#announceAt) return
    this.#announceAt = performance.now() + announceEveryMs
    this.#send({ broker: this.broker, refusals })
  }
}

function first(keys: Iterable<string>): string | undefined {
  for (const key of keys) return key
  return undefined
}
