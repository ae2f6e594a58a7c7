import { TokenBucket } from '../limits/token-bucket.ts'

/** Failed sign-ins a minute. */
export interface FailedSignInLimits {
  FAILED_SIGN_INS_PER_ADDRESS: number
  FAILED_SIGN_INS_PER_ID: number
}

interface Attacked {
  bucket: TokenBucket
  /** where its failures came from */
  addresses: Set<string>
}

/** most addresses that are remembered, in all and for one id */
const mostAddresses = 20_000
/** ms between two sweeps of what can be forgotten */
const sweepMs = 5_000

/**
 * Limits the rate of failed sign-ins per address and per id. Beyond its rate an address is refused unchecked, services with the right secret
 * excepted. Beyond the rate of an id, over all addresses, those addresses are refused that have recently failed at it: guessing an id's secret
 * never locks out the device itself, which is elsewhere and has the right secret.
 */
export class FailedSignIns {
  readonly #limits: FailedSignInLimits
  readonly #addresses = new Map<string, TokenBucket>()
  readonly #ids = new Map<string, Attacked>()
  #sweptAt = 0

  constructor(limits: FailedSignInLimits) {
    this.#limits = limits
  }

  /** Whether a sign-in as `id` from `address` is refused without checking its secret; `id` undefined when nobody has it. */
  blocked(id: string | undefined, address: string, now: number): 'address' | 'id' | undefined {
    if (this.#addresses.get(address)?.isEmpty(now)) return 'address'
    const attacked = id === undefined ? undefined : this.#ids.get(id)
    return attacked?.bucket.isEmpty(now) && attacked.addresses.has(address) ? 'id' : undefined
  }

  /** Records a failure. */
  record(id: string | undefined, address: string, now: number): void {
    if (now - this.#sweptAt > sweepMs) this.#sweep(now)
    const ofAddress = this.#addresses.get(address) ?? this.#bucket(this.#limits.FAILED_SIGN_INS_PER_ADDRESS, now)
    ofAddress.tryConsume(now)
    this.#addresses.set(address, ofAddress)
    if (this.#addresses.size > mostAddresses) this.#forgetOldest()
    if (id === undefined) return
    const bucket = () => this.#bucket(this.#limits.FAILED_SIGN_INS_PER_ID, now)
    const attacked = this.#ids.get(id) ?? { bucket: bucket(), addresses: new Set() }
    attacked.bucket.tryConsume(now)
    if (attacked.addresses.size < mostAddresses) attacked.addresses.add(address)
    this.#ids.set(id, attacked)
  }

  #bucket(perMinute: number, now: number): TokenBucket {
    return new TokenBucket(perMinute / 60, perMinute, now)
  }

  #forgetOldest(): void {
    for (const address of this.#addresses.keys()) {
      this.#addresses.delete(address)
      return
    }
  }

  #sweep(now: number): void {
    this.#sweptAt = now
    for (const [address, bucket] of this.#addresses) if (bucket.isFull(now)) this.#addresses.delete(address)
    for (const [id, { bucket }] of this.#ids) if (bucket.isFull(now)) this.#ids.delete(id)
  }
}
