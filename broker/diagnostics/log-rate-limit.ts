import type { Logger } from 'pino'
import { TokenBucket } from '../limits/token-bucket.ts'

/** Lines a second, and at once. */
interface Rate {
  perSecond: number
  atOnce: number
}

/** Of one user or address, and of all together. */
const logRates: { one: Rate; all: Rate } = { one: { perSecond: 2, atOnce: 50 }, all: { perSecond: 50, atOnce: 500 } }

/** ms between two sweeps of users to forget */
const sweepMs = 10_000

/**
 * Logs what clients do wrong, at a limited rate for each and for all: a client that does it as fast as it can must not fill the disk, nor push
 * what others do wrong out of the log.
 */
export class RateLimitedLog {
  readonly #log: Logger
  readonly #all = bucketOf(logRates.all)
  readonly #shares = new Map<string, TokenBucket>()
  #sweptAt = 0
  /** lines left out since the last one */
  #suppressed = 0

  constructor(log: Logger) {
    this.#log = log
  }

  /** @param owner the user that it is about, or its address where the user is not known */
  warn(owner: string, details: object, message: string): void {
    const now = performance.now()
    if (now - this.#sweptAt > sweepMs) this.#sweep(now)
    const share = this.#shares.get(owner) ?? bucketOf(logRates.one)
    this.#shares.set(owner, share)
    if (!share.tryConsume(now) || !this.#all.tryConsume(now)) {
      this.#suppressed += 1
      return
    }
    this.#log.warn(this.#suppressed > 0 ? { ...details, unsaid: this.#suppressed } : details, message)
    this.#suppressed = 0
  }

  #sweep(now: number): void {
    this.#sweptAt = now
    for (const [owner, share] of this.#shares) if (share.isFull(now)) this.#shares.delete(owner)
  }
}

const bucketOf = ({ perSecond, atOnce }: Rate) => new TokenBucket(perSecond, atOnce, performance.now())
