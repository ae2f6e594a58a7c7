/** Counts per key within one window of time; what is counted is forgotten when the window ends. */
export class RateWindow {
  readonly #max: number
  readonly #windowMs: number
  readonly #maxKeys: number
  readonly #counts = new Map<string, number>()
  #since = performance.now()

  /** `maxKeys` keys are counted apart; beyond them nobody new is let through until the window ends. */
  constructor(options: { max: number; windowMs: number; maxKeys: number }) {
    this.#max = options.max
    this.#windowMs = options.windowMs
    this.#maxKeys = options.maxKeys
  }

  /** Counts one; false when it is too many. */
  count(key: string): boolean {
    if (performance.now() - this.#since >= this.#windowMs) {
      this.#counts.clear()
      this.#since = performance.now()
    }
    const count = (this.#counts.get(key) ?? 0) + 1
    if (count > this.#max || (count === 1 && this.#counts.size >= this.#maxKeys)) return false
    this.#counts.set(key, count)
    return true
  }
}
