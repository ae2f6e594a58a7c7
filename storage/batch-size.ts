/** readings written at once at the most, and at the least */
export const maxReadingsInWrite = 10_000
const minBatch = 100

/**
 * How many readings to write at once: half as many after each failure, so that a store that is merely slow still answers in
 * time; more again after each success.
 */
export class BatchSize {
  #current = maxReadingsInWrite

  get current(): number {
    return this.#current
  }

  recordFailure(): void {
    this.#current = Math.max(minBatch, Math.floor(this.#current / 2))
  }

  recordSuccess(): void {
    this.#current = Math.min(maxReadingsInWrite, Math.ceil(this.#current * 1.1))
  }
}
