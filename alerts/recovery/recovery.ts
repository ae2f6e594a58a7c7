import pLimit from 'p-limit'
import type { Logger } from 'pino'
import { offlineSince } from '#storage/presence.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { AlertEvent } from '#telemetry/alert.ts'
import type { AlertRule } from '#telemetry/alert-rule.ts'
import { sleep } from '#telemetry/retry/sleep.ts'
import type { EvaluationEngine } from '../engine/evaluation-engine.ts'
import { catchUp, overlapMs } from './catch-up.ts'
import { warmUp } from './warm-up.ts'

/** ms after which what came before a subscription is in the store, as a rule */
const storedMs = 1_000

export interface RecoveryOptions {
  store: TelemetryStore
  engine: EvaluationEngine
  log: Logger
  rules: () => readonly AlertRule[]
  /** up to when the last session evaluated, epoch ms; undefined when there was none */
  watchedUntil: number | undefined
  /** the newest events of the alerts of the last session */
  steps: readonly AlertEvent[]
  /** epoch ms */
  clock: () => number
}

/** Evaluates what was missed: at the start what happened since the last session, later what happened while the broker was away. */
export class Recovery {
  readonly #options: RecoveryOptions
  /** time of the last thing known of a rule at a sensor */
  readonly #known = new Map<string, number>()
  readonly #oneAtATime = pLimit(1)
  /** up to when everything was looked up; undefined before the first look */
  #until: number | undefined
  #complete = true
  #closed = false

  constructor(options: RecoveryOptions) {
    this.#options = options
    for (const { alert } of options.steps) {
      const { rule, sensors, raisedAt, clearedAt = raisedAt } = alert
      for (const sensor of sensors) {
        const place = placeOf(rule, sensor)
        this.#known.set(place, Math.max(this.#known.get(place) ?? 0, clearedAt))
      }
    }
  }

  /** Whether nothing was left out. */
  get isComplete(): boolean {
    return this.#complete
  }

  /** Evaluates what was missed, one run after the other. Does not reject: alerts goes on without the past. */
  run(): Promise<void> {
    return this.#oneAtATime(() => this.#recover())
  }

  /** What is being evaluated is of no use any more; the next session evaluates it. */
  close(): void {
    this.#closed = true
  }

  async #recover(): Promise<void> {
    const { engine, log, clock } = this.#options
    const until = this.#until
    this.#until = clock()
    try {
      if (until === undefined) await this.#begin()
      else await this.#catchUp((engine.disconnectedSince ?? until) - overlapMs, () => 0)
    } catch (error) {
      this.#complete = false
      if (!this.#closed) log.warn({ err: error }, 'the past cannot be looked up: alerts goes on without')
    }
  }

  async #begin(): Promise<void> {
    const { engine, store, rules, clock, watchedUntil } = this.#options
    const newest = await warmUp(engine, { store, rules: rules(), now: watchedUntil ?? clock() })
    if (watchedUntil !== undefined)
      await this.#catchUp(watchedUntil, (rule, sensor) => this.#known.get(placeOf(rule, sensor)) ?? 0)
    this.#known.clear()
    engine.past.warmUp(newest)
    engine.past.restorePresence(await offlineSince(store, clock()))
    engine.past.settle()
  }

  async #catchUp(from: number, known: (rule: string, sensor: string) => number): Promise<void> {
    const { engine, store, clock } = this.#options
    const to = clock()
    await sleep(storedMs)
    await catchUp(engine, { store, from, to, known })
    engine.past.settle()
  }
}

const placeOf = (rule: string, sensor: string) => `${rule} ${sensor}`
