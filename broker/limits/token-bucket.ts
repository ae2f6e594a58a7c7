/**
 * Lets `perSecond` a second through on average, `burst` at once. What was consumed beyond it is a debt that must be waited
 * for, so that something larger than the burst passes too.
 */
export class TokenBucket {
  readonly #perMs: number
  readonly #burst: number
  #tokens: number
  #at: number

  constructor(perSecond: number, burst: number, now: number) {
    this.#perMs = perSecond / 1_000
    this.#burst = burst
    this.#tokens = burst
    this.#at = now
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs)
    this.#at = now
  }

  /** Consumes `amount`, on debt if necessary, and answers the ms until the debt is paid; 0 when there is none. */
  consume(amount: number, now: number): number {
    this.#fill(now)
    this.#tokens -= amount
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens / this.#perMs)
  }

  /** Consumes one if there is one. */
  tryConsume(now: number): boolean {
    this.#fill(now)
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** Whether there is not one left. */
  isEmpty(now: number): boolean {
    this.#fill(now)
    return this.#tokens < 1
  }

  /** Whether nothing was consumed recently. */
  isFull(now: number): boolean {
    this.#fill(now)
    return this.#tokens >= this.#burst
  }
}
