import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import { type CheckResult, type ConditionCheck, type Evaluator, longestGapOf, type Transition } from './evaluator.ts'

/** Turns results into transitions: raised after `forMs` beyond the limit without a break, cleared once back. */
export class OnDelayEvaluator implements Evaluator {
  readonly #check: ConditionCheck
  readonly #forMs: number
  #active: boolean
  /** when the time beyond the limit began */
  #since: number | undefined
  /** the same before the newest time was judged: a correction of that time is judged in its place */
  #sinceBefore: number | undefined
  #last = Number.NEGATIVE_INFINITY

  constructor(check: ConditionCheck, options: { forMs: number; active: boolean }) {
    this.#check = check
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

  evaluate(reading: Reading, meta: SensorMeta | undefined): Transition | undefined {
    const at = reading.ts
    // further values of the same time, or a correction, are looked at
    if (at < this.#last) return undefined
    if (at > this.#last) {
      if (at - this.#last > longestGapOf(meta)) this.#since = undefined
      this.#sinceBefore = this.#since
      this.#last = at
    }
    const result = this.#check(reading, meta)
    if (result === undefined) return undefined
    this.#since = this.#sinceBefore
    return this.#active ? this.#clear(result, at) : this.#raise(result, at)
  }

  #clear(result: CheckResult, at: number): Transition | undefined {
    if (result.is !== 'back') return undefined
    this.reset(false)
    return { type: 'clear', at }
  }

  #raise(result: CheckResult, at: number): Transition | undefined {
    if (result.is !== 'beyond') {
      this.#since = undefined
      return undefined
    }
    this.#since ??= at
    if (at - this.#since < this.#forMs) return undefined
    this.reset(true)
    return { type: 'raise', at, finding: result.finding }
  }
}
