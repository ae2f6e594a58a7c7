import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { RollUpStorage, UpkeepState } from '#storage/roll-ups.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { minuteMs } from '#telemetry/durations.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import { HealthFaults } from '#telemetry/health-faults.ts'
import { RepeatedTask } from '#telemetry/retry/repeated-task.ts'
import { waitAtMost } from '#telemetry/retry/wait-at-most.ts'
import { RollUpsDue } from './roll-ups-due.ts'
import { UpkeepBehind } from './upkeep-behind.ts'
import type { UpkeepLease } from './upkeep-lease.ts'
import { type UpkeepGauges, type UpkeepMetrics, upkeepMetrics } from './upkeep-metrics.ts'
import { UpkeepPace } from './upkeep-pace.ts'

/** ms between two looks while there is nothing to do: what was corrected or came late is rolled up again well within a minute */
const defaultIdleMs = 20_000
/** ms of pause behind a step at the least */
const leastPauseMs = 50
/** ms between two looks at how far it is while there is much to do */
const stateEveryMs = 5_000
/** ms that a close waits for the store to let the lease go */
const releaseMs = 2_000
const backoff = { firstMs: 1_000, longestMs: minuteMs }

export interface RollUpUpkeepOptions {
  store: Pick<RollUpStorage, 'upkeep' | 'upkeepState'> & Pick<TelemetryStore, 'latest'>
  registry: Registry
  faults?: HealthFaults
  log: Logger
  /** where several processes write to one store: says which of them does the upkeep */
  lease?: Pick<UpkeepLease, 'acquire' | 'release'>
  /** epoch ms */
  clock?: () => number
  /** ms between two looks while there is nothing to do */
  idleMs?: number
}

/** Who waits until all before a time (epoch ms) is rolled up: what was dirty when they asked, too. */
interface Waiting {
  before: number
  askedAt: number
  resolve: () => void
  reject: (error: Error) => void
}

/**
 * Keeps the roll-ups of a store up to date in the background: recomputes the sensor-hours that were written to, and rolls up those
 * that are over. In short steps with pauses four times as long, so that readings that come in and questions have the store; a
 * store that fails is left alone for up to a minute. Answers are right without it, only slower.
 */
export class RollUpUpkeep {
  readonly #options: RollUpUpkeepOptions
  readonly #clock: () => number
  readonly #idleMs: number
  readonly #metrics: UpkeepMetrics
  readonly #due: RollUpsDue
  readonly #behind: UpkeepBehind
  readonly #pace = new UpkeepPace({ stepMs: 400, pausePerMs: 4 })
  readonly #task: RepeatedTask
  readonly #waiting = new Set<Waiting>()
  /** epoch ms: what is behind while nothing is rolled up yet counts from here */
  readonly #beganAt: number
  #state: UpkeepState | undefined
  #stateAt = Number.NEGATIVE_INFINITY
  #isStandingBy = false

  /** Begins at once. */
  constructor(options: RollUpUpkeepOptions) {
    const { store, registry, faults = new HealthFaults(), log, clock = Date.now, idleMs = defaultIdleMs } = options
    this.#options = options
    this.#clock = clock
    this.#idleMs = idleMs
    this.#beganAt = clock()
    this.#due = new RollUpsDue(store, clock)
    this.#behind = new UpkeepBehind(faults.switchOf('ROLL_UPS_BEHIND'))
    this.#metrics = upkeepMetrics(registry, () => this.#gauges)
    this.#task = new RepeatedTask({
      task: () => this.#run(),
      everyMs: idleMs,
      backoff,
      onFault: ({ error, waitMs }) => {
        this.#metrics.faults.inc()
        this.#pace.recordFault()
        this.#behind.observe(this.#lag)
        log.warn({ err: error, waitMs }, 'the store cannot roll up readings now; answers come from readings meanwhile')
      },
    })
    void this.#task.run()
  }

  /** Resolves when all hours before a time (epoch ms) are rolled up, by whichever process. Rejects when it is closed before. */
  rollUpBefore(before: number): Promise<void> {
    const rolledUp = new Promise<void>((resolve, reject) => {
      this.#waiting.add({ before, askedAt: this.#clock(), resolve, reject })
    })
    this.#task.runIn(0)
    return rolledUp
  }

  /** Ends after the step under way. Idempotent. */
  async close(): Promise<void> {
    await this.#task.close()
    for (const { reject } of this.#waiting) reject(new StoreUnavailableError('the upkeep of the roll-ups is closed'))
    this.#waiting.clear()
    // who comes next finds out by itself when the store does not answer now
    await waitAtMost(this.#options.lease?.release(), releaseMs).catch((error) =>
      this.#options.log.debug({ err: error }, 'the lease of the upkeep is left to run out'),
    )
  }

  /** One step; resolves with the ms until the next one. */
  async #run(): Promise<number> {
    const { store, lease } = this.#options
    this.#isStandingBy = lease !== undefined && !(await lease.acquire())
    if (this.#isStandingBy) {
      await this.#observe(true)
      return this.#idleMs
    }
    if (!this.#state) await this.#observe(true)
    const until = await this.#due.until(this.#state?.rolledTo)
    if (until <= 0) {
      await this.#observe(false)
      return this.#idleMs
    }
    const startedAt = performance.now()
    const { hours, readings, more } = await store.upkeep({ until, maxReadings: this.#pace.maxReadings })
    const ms = performance.now() - startedAt
    this.#metrics.hours.inc(hours)
    this.#metrics.readings.inc(readings)
    this.#metrics.seconds.inc(ms / 1_000)
    const pauseMs = this.#pace.record({ ms, readings })
    if (!more || startedAt - this.#stateAt > stateEveryMs) await this.#observe(more)
    return more ? Math.max(pauseMs, leastPauseMs) : this.#idleMs
  }

  /** Looks how far the roll-ups are. */
  async #observe(more: boolean): Promise<void> {
    this.#state = await this.#options.store.upkeepState()
    this.#stateAt = performance.now()
    this.#behind.observe(this.#lag)
    const { rolledTo, dirtySince } = this.#state
    for (const waiting of this.#waiting) {
      const isRolled = rolledTo !== undefined ? rolledTo >= Math.min(waiting.before, this.#due.known) : !more
      if (!isRolled || (dirtySince !== undefined && dirtySince <= waiting.askedAt)) continue
      this.#waiting.delete(waiting)
      waiting.resolve()
    }
  }

  get #lag(): { lagMs: number; dirtyAgeMs: number } {
    const { rolledTo = this.#beganAt, dirtySince } = this.#state ?? {}
    return {
      lagMs: Math.max(0, this.#due.known - rolledTo),
      dirtyAgeMs: dirtySince === undefined ? 0 : Math.max(0, this.#clock() - dirtySince),
    }
  }

  get #gauges(): UpkeepGauges {
    const { lagMs, dirtyAgeMs } = this.#lag
    return {
      ...{ dirty: this.#state?.dirty ?? 0, dirtyAge: dirtyAgeMs / 1_000, lag: lagMs / 1_000 },
      ...{ maxReadings: this.#pace.maxReadings, isStandingBy: this.#isStandingBy },
    }
  }
}
