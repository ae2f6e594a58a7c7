import pLimit from 'p-limit'
import type { AlertEvent } from '#telemetry/alert.ts'
import type { AlertsMetrics } from '../metrics.ts'
import type { AlarmStateStore } from './alarm-state-store.ts'
import type { AlertLog } from './alert-log.ts'

/** Plans transitions of alarm states; called once it is its turn. */
export type Plan = (states: AlarmStateStore) => AlertEvent[]

/**
 * Applies every transition of alarm states, one after the other. What evaluation finds is published at once and stored as soon as
 * the store accepts it; an operator action counts only once it is on disk, and meanwhile evaluation waits.
 */
export class AlarmTransitions {
  readonly #states: AlarmStateStore
  readonly #log: AlertLog
  readonly #metrics: AlertsMetrics
  readonly #onEvents: (events: readonly AlertEvent[]) => void
  /** plans that wait while an operator action is being stored */
  #waiting: Plan[] = []
  #acting = 0
  readonly #oneAtATime = pLimit(1)

  constructor(options: {
    states: AlarmStateStore
    log: AlertLog
    metrics: AlertsMetrics
    onEvents: (events: readonly AlertEvent[]) => void
  }) {
    this.#states = options.states
    this.#log = options.log
    this.#metrics = options.metrics
    this.#onEvents = options.onEvents
  }

  get states(): AlarmStateStore {
    return this.#states
  }

  /** Applies a transition that evaluation found. */
  apply(plan: Plan): void {
    if (this.#acting > 0) this.#waiting.push(plan)
    else this.#applyNow(plan)
  }

  /** Applies an operator action: on disk when it resolves. @throws StoreUnavailableError, and then nothing has changed */
  applyOperatorAction(plan: Plan): Promise<AlertEvent[]> {
    return this.#inTurn(() => this.#applyActionNow(plan))
  }

  /** Stores every open alert as it is; nothing is published, for nothing has happened. @throws StoreUnavailableError */
  checkpoint(now: number): Promise<void> {
    return this.#inTurn(async () => {
      const events = this.#states.planCheckpoint(now)
      await this.#store(events, () => this.#log.checkpoint(events, now))
    })
  }

  async #applyActionNow(plan: Plan): Promise<AlertEvent[]> {
    const events = plan(this.#states)
    if (events.length === 0) return events
    await this.#store(events, () => this.#log.appendNow(events))
    this.#publish(events)
    return events
  }

  async #store(events: readonly AlertEvent[], write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (error) {
      // it may be on disk all the same: what comes next must be newer than that
      for (const { alert } of events) this.#states.skipRevision(alert.id)
      throw error
    }
    this.#states.apply(events)
  }

  /** One after the other; meanwhile evaluation waits. */
  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    this.#acting += 1
    const turn = this.#oneAtATime(step)
    const end = () => this.#done()
    turn.then(end, end)
    return turn
  }

  #done(): void {
    this.#acting -= 1
    if (this.#acting > 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const plan of waiting) this.#applyNow(plan)
  }

  #applyNow(plan: Plan): void {
    const events = plan(this.#states)
    if (events.length === 0) return
    this.#states.apply(events)
    this.#log.append(events)
    this.#publish(events)
  }

  #publish(events: readonly AlertEvent[]): void {
    for (const { type } of events) this.#metrics.steps.inc({ type })
    this.#metrics.open.set(this.#states.size)
    this.#onEvents(events)
  }
}
