import type { Condition } from '#telemetry/alert-condition.ts'
import { defaultPeriod } from '#telemetry/period.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import type { Transition } from './evaluator.ts'

/** ms without a reading after which a sensor is silent under a rule */
export function silenceLimitMs(
  condition: Extract<Condition, { type: 'silence' }>,
  meta: SensorMeta | undefined,
): number {
  return 1_000 * Math.max(condition.periods * (meta?.period ?? defaultPeriod), condition.minSeconds)
}

/** Evaluates the silence of one sensor under one rule. The only evaluator with a clock, which is given to it. */
export class SilenceEvaluator {
  #active: boolean
  #heardAt: number

  /** `heardAt`: when the sensor was last heard, or monitoring began; epoch ms */
  constructor(options: { active: boolean; heardAt: number }) {
    this.#active = options.active
    this.#heardAt = options.heardAt
  }

  get active(): boolean {
    return this.#active
  }

  /** epoch ms */
  get heardAt(): number {
    return this.#heardAt
  }

  /** The sensor was heard, or the connection to it was restored (`isReading` false). */
  hear(at: number, isReading: boolean): Transition | undefined {
    if (at <= this.#heardAt) return undefined
    this.#heardAt = at
    if (!isReading || !this.#active) return undefined
    this.#active = false
    return { type: 'clear', at }
  }

  /** The clock was set: silence counts from `now` on (epoch ms), which may be before it was heard. */
  restart(now: number): void {
    this.#heardAt = now
  }

  /** Time has passed: `now` is epoch ms, `limitMs` the longest silence. */
  pass(now: number, limitMs: number): Transition | undefined {
    if (this.#active || now - this.#heardAt <= limitMs) return undefined
    this.#active = true
    const silent = Math.round((now - this.#heardAt) / 1_000)
    return { type: 'raise', at: now, finding: { value: silent, limit: Math.round(limitMs / 1_000), unit: 's' } }
  }

  reset(active: boolean): void {
    this.#active = active
  }
}
