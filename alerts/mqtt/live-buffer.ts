import type { LiveReading } from '#telemetry/live.ts'
import type { Engine } from '../engine/evaluation-engine.ts'
import type { AlertsMetrics } from '../metrics.ts'

/** readings held while the gate is shut; beyond it the oldest are not judged */
const maxHeld = 200_000

/** Lets readings through to the engine, or holds them while it is shown what came before. */
export class LiveGate {
  readonly #engine: Pick<Engine, 'take'>
  readonly #metrics: Pick<AlertsMetrics, 'unjudged'>
  #shut = 0
  #held: LiveReading[] = []

  constructor(engine: Pick<Engine, 'take'>, metrics: Pick<AlertsMetrics, 'unjudged'>) {
    this.#engine = engine
    this.#metrics = metrics
  }

  take(batch: readonly LiveReading[]): void {
    if (this.#shut === 0) {
      this.#engine.take(batch)
      return
    }
    this.#held = this.#held.concat(batch)
    const over = this.#held.length - maxHeld
    if (over <= 0) return
    this.#held.splice(0, over)
    this.#metrics.unjudged.inc({ why: 'held' }, over)
  }

  /** Holds what comes, until it was opened as often as it was shut. */
  shut(): void {
    this.#shut += 1
  }

  /** Lets through what was held, in order. */
  open(): void {
    this.#shut -= 1
    if (this.#shut > 0) return
    const held = this.#held
    this.#held = []
    if (held.length > 0) this.#engine.take(held)
  }
}
