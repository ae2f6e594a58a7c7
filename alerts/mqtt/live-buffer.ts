import type { LiveReading } from '#telemetry/live.ts'
import type { EvaluationEngine } from '../engine/evaluation-engine.ts'
import type { AlertsMetrics } from '../metrics.ts'

/** readings held while the gate is shut; beyond it the oldest are not judged */
const maxHeld = 200_000

/** Lets readings through to the engine, or holds them while it is shown what came before. */
export class LiveBuffer {
  readonly #engine: Pick<EvaluationEngine, 'evaluate'>
  readonly #metrics: Pick<AlertsMetrics, 'unevaluated'>
  #holds = 0
  #held: LiveReading[] = []

  constructor(engine: Pick<EvaluationEngine, 'evaluate'>, metrics: Pick<AlertsMetrics, 'unevaluated'>) {
    this.#engine = engine
    this.#metrics = metrics
  }

  add(batch: readonly LiveReading[]): void {
    if (this.#holds === 0) {
      this.#engine.evaluate(batch)
      return
    }
    this.#held = this.#held.concat(batch)
    const over = this.#held.length - maxHeld
    if (over <= 0) return
    this.#held.splice(0, over)
    this.#metrics.unevaluated.inc({ why: 'held' }, over)
  }

  /** Holds what comes, until it was opened as often as it was shut. */
  hold(): void {
    this.#holds += 1
  }

  /** Lets through what was held, in order. */
  release(): void {
    this.#holds -= 1
    if (this.#holds > 0) return
    const held = this.#held
    this.#held = []
    if (held.length > 0) this.#engine.evaluate(held)
  }
}
