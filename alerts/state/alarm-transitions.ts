import type { AlertEvent } from '#telemetry/alert.ts'
import type { AlertsMetrics } from '../metrics.ts'
import type { AlertBook } from './alarm-state-store.ts'
import type { AlertLog } from './alert-log.ts'

/** Plans steps on the book; called once it is its turn. */
export type Plan = (book: AlertBook) => AlertEvent[]

/**
 * Where every step is taken, one after the other. What the watch finds is told at once and kept as soon as the store takes it;
 * what a person does counts only once it is on disk, and meanwhile the watch waits.
 */
export class Desk {
  readonly #book: AlertBook
  readonly #log: AlertLog
  readonly #metrics: AlertsMetrics
  readonly #tell: (events: readonly AlertEvent[]) => void
  /** plans that wait while a person's step is being kept */
  #waiting: Plan[] = []
  #acting = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: {
    book: AlertBook
    log: AlertLog
    metrics: AlertsMetrics
    tell: (events: readonly AlertEvent[]) => void
  }) {
    this.#book = options.book
    this.#log = options.log
    this.#metrics = options.metrics
    this.#tell = options.tell
  }

  get book(): AlertBook {
    return this.#book
  }

  /** Takes a step of the watch. */
  take(plan: Plan): void {
    if (this.#acting > 0) this.#waiting.push(plan)
    else this.#takeNow(plan)
  }

  /** Takes a person's step: on disk when it resolves. @throws StoreUnavailableError, and then nothing has changed */
  act(plan: Plan): Promise<AlertEvent[]> {
    return this.#inTurn(() => this.#actNow(plan))
  }

  /** Keeps what every open alert looks like; nobody is told, for nothing has happened. @throws StoreUnavailableError */
  checkpoint(now: number): Promise<void> {
    return this.#inTurn(async () => {
      const events = this.#book.planCarry(now)
      await this.#keep(events, () => this.#log.checkpoint(events, now))
    })
  }

  async #actNow(plan: Plan): Promise<AlertEvent[]> {
    const events = plan(this.#book)
    if (events.length === 0) return events
    await this.#keep(events, () => this.#log.appendNow(events))
    this.#note(events)
    return events
  }

  async #keep(events: readonly AlertEvent[], write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (error) {
      // it may be on disk all the same: what comes next must be newer than that
      for (const { alert } of events) this.#book.skipRevision(alert.id)
      throw error
    }
    this.#book.take(events)
  }

  /** One after the other; meanwhile the watch waits. */
  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    this.#acting += 1
    const turn = this.#turn.then(step)
    this.#turn = turn
      .catch(() => {}) // told to the caller of this turn, not to the next
      .then(() => this.#done())
    return turn
  }

  #done(): void {
    this.#acting -= 1
    if (this.#acting > 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const plan of waiting) this.#takeNow(plan)
  }

  #takeNow(plan: Plan): void {
    const events = plan(this.#book)
    if (events.length === 0) return
    this.#book.take(events)
    this.#log.append(events)
    this.#note(events)
  }

  #note(events: readonly AlertEvent[]): void {
    for (const { type } of events) this.#metrics.steps.inc({ type })
    this.#metrics.open.set(this.#book.size)
    this.#tell(events)
  }
}
