import type { Condition } from '#telemetry/alert-condition.ts'
import type { ClockFault } from '#telemetry/clock.ts'
import type { Transition } from './evaluator.ts'

/** Evaluates the clock of one sensor under one rule. */
export class ClockEvaluator {
  readonly #limitS: number
  #active: boolean

  constructor(condition: Extract<Condition, { type: 'clock' }>, active = false) {
    this.#limitS = condition.offBySeconds
    this.#active = active
  }

  get active(): boolean {
    return this.#active
  }

  /** Evaluates what is known of the clock after a reading that arrived at `at` (epoch ms). */
  evaluate(fault: ClockFault | undefined, at: number): Transition | undefined {
    const seconds = Math.round((fault?.offMs ?? 0) / 1_000)
    const isOff = Math.abs(seconds) >= this.#limitS
    if (isOff === this.#active) return undefined
    this.#active = isOff
    if (!isOff) return { type: 'clear', at }
    return { type: 'raise', at, finding: { value: seconds, limit: this.#limitS, unit: 's' } }
  }

  reset(active: boolean): void {
    this.#active = active
  }
}
