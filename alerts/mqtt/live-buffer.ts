import type { LiveReading } from '#telemetry/live.ts'
import type { EvaluationEngine } from '../engine/evaluation-engine.ts'
import type { AlertsMetrics } from '../metrics.ts'

/** readings held at most; beyond it the oldest are not evaluated */
const maxHeld = 200_000

/** Passes live readings on to the engine, or holds them while it evaluates what came before. */
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

  /** Buffers what comes, until buffering was stopped as often as it was started. */
  startBuffering(): void {
    this.#holds += 1
  }

  /** Passes on what was buffered, in order. */
  stopBuffering(): void {
    this.#holds -= 1
    if (this.#holds > 0) return
    const held = this.#held
    this.#held = []
    if (held.length > 0) this.#engine.evaluate(held)
  }
}
