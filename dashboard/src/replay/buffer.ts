import type { Reading } from '#telemetry/reading.ts'

/** Readings of a replay that are loaded but not shown yet, without a gap up to `end`. */
export class ReplayBuffer {
  #readings: Reading[] = []
  #next = 0
  #end: number

  /** `from`: the moment (epoch ms) that is shown. */
  constructor(from: number) {
    this.#end = from
  }

  /** All readings before this moment (epoch ms) are loaded. */
  get end(): number {
    return this.#end
  }

  /** Takes the readings, in order of time, from the present end up to a new one. */
  append(readings: readonly Reading[], end: number): void {
    this.#readings = [...this.#readings.slice(this.#next), ...readings]
    this.#next = 0
    this.#end = end
  }

  /** Gives out what was measured before a moment (epoch ms). */
  *take(before: number): Generator<Reading> {
    for (let reading = this.#readings[this.#next]; reading; reading = this.#readings[this.#next]) {
      if (reading.ts >= before) return
      this.#next += 1
      yield reading
    }
  }
}
