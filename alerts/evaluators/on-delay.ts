import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import { gapMs, type Judge, type Look, type Transition, type Verdict } from './evaluator.ts'

/** Turns verdicts into transitions: raised after `forMs` beyond the limit without a break, cleared once back. */
export class Latch implements Judge {
  readonly #look: Look
  readonly #forMs: number
  #active: boolean
  /** when the time beyond the limit began */
  #since: number | undefined
  /** the same before the newest time was judged: a correction of that time is judged in its place */
  #sinceBefore: number | undefined
  #last = Number.NEGATIVE_INFINITY

  constructor(look: Look, options: { forMs: number; active: boolean }) {
    this.#look = look
    this.#forMs = options.forMs
    this.#active = options.active
  }

  get active(): boolean {
    return this.#active
  }

  reset(active: boolean): void {
    this.#active = active
    this.#since = undefined
    this.#sinceBefore = undefined
  }

  take(reading: Reading, meta: SensorMeta | undefined): Transition | undefined {
    const at = reading.ts
    // further values of the same time, or a correction, are looked at
    if (at < this.#last) return undefined
    if (at > this.#last) {
      if (at - this.#last > gapMs(meta)) this.#since = undefined
      this.#sinceBefore = this.#since
      this.#last = at
    }
    const verdict = this.#look(reading, meta)
    if (verdict === undefined) return undefined
    this.#since = this.#sinceBefore
    return this.#active ? this.#clear(verdict, at) : this.#raise(verdict, at)
  }

  #clear(verdict: Verdict, at: number): Transition | undefined {
    if (verdict.is !== 'back') return undefined
    this.reset(false)
    return { type: 'clear', at }
  }

  #raise(verdict: Verdict, at: number): Transition | undefined {
    if (verdict.is !== 'beyond') {
      this.#since = undefined
      return undefined
    }
    this.#since ??= at
    if (at - this.#since < this.#forMs) return undefined
    this.reset(true)
    return { type: 'raise', at, finding: verdict.finding }
  }
}
