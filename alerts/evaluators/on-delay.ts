import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import type { CheckResult, ConditionCheck } from '../conditions/condition-check.ts'
import { type Evaluator, longestGapOf, type Transition } from './evaluator.ts'

/**
 * On-delay of an alarm: the condition must be met for `onDelayMs` without a break before the rule becomes active. It returns to
 * normal with the first reading that is normal again.
 */
export class OnDelayEvaluator implements Evaluator {
  readonly #check: ConditionCheck
  readonly #onDelayMs: number
  #active: boolean
  /** since when the condition is met, epoch ms */
  #since: number | undefined
  /** the same before the newest time was evaluated: a correction of that time is evaluated in its place */
  #sinceBefore: number | undefined
  #last = Number.NEGATIVE_INFINITY

  constructor(check: ConditionCheck, options: { onDelayMs: number; active: boolean }) {
    this.#check = check
    this.#onDelayMs = options.onDelayMs
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
    // further values of the same time, or a correction, are evaluated
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
    if (result.is !== 'normal') return undefined
    this.reset(false)
    return { type: 'clear', at }
  }

  #raise(result: CheckResult, at: number): Transition | undefined {
    if (result.is !== 'abnormal') {
      this.#since = undefined
      return undefined
    }
    this.#since ??= at
    if (at - this.#since < this.#onDelayMs) return undefined
    this.reset(true)
    return { type: 'raise', at, finding: result.finding }
  }
}
