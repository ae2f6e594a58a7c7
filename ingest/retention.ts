import type { Logger } from 'pino'
import type { TelemetryStore } from '#storage/store.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import type { IngestMetrics } from './metrics.ts'

/** ms between two looks at whether a day has passed, or the store takes what it refused before */
const everyMs = hourMs

/** ms within which the newest reading in the store says that the clock of this machine is right */
const recentMs = hourMs

export interface RetentionOptions {
  store: TelemetryStore
  metrics: IngestMetrics
  log: Logger
  /** days that readings and events are kept; 0: for ever */
  days: number
  /** days that roll-ups are kept, no less than readings; 0: for ever */
  rollUpDays?: number
  /** epoch ms */
  clock: () => number
  /** resolves when nothing is needed any more of the readings before this time (epoch ms) */
  beforeTrim?: (before: number) => Promise<void>
  /** ms between two looks */
  everyMs?: number
  /** whether sensors that report say that the clock is right */
  isConfirmed?: () => boolean
}

/** ms that readings and events are kept. */
export function keptMs(days: number): number {
  return days === 0 ? Number.POSITIVE_INFINITY : days * dayMs
}

/** Start of the first whole day (UTC) that is kept, epoch ms. */
function firstDayKept(now: number, days: number): number {
  return Math.floor((now - keptMs(days)) / dayMs) * dayMs
}

/**
 * Removes from the store what is older than it is to be kept, once a day: whole days (UTC), so that what was measured so many
 * days ago is still there. A machine may have started with a clock that is days or years ahead: unless the
 * newest reading is recent, it waits until sensors that report confirm the clock, however long. Nobody waits for it; what the store does not remove now it is asked for again later.
 */
export class Retention {
  readonly #options: RetentionOptions
  readonly #timer: NodeJS.Timeout | undefined
  #keptFrom = 0
  #trimming = false
  #closed = false
  /** whether the time is not in doubt */
  #isSure = false
  #hasWarned = false

  /** Begins at once, unless everything is kept for ever. */
  constructor(options: RetentionOptions) {
    this.#options = options
    if (options.days === 0) return
    this.#timer = setInterval(() => void this.#trim(), options.everyMs ?? everyMs)
    void this.#trim()
  }

  async #trim(): Promise<void> {
    const { store, metrics, log, days, rollUpDays = 0, clock, beforeTrim } = this.#options
    const now = clock()
    const keptFrom = firstDayKept(now, days)
    if (this.#trimming || keptFrom <= this.#keptFrom) return
    this.#trimming = true
    try {
      if (!(await this.#isTime(now))) return
      await beforeTrim?.(keptFrom)
      if (this.#closed) return
      await store.trim(keptFrom)
      if (rollUpDays > 0) await store.trimRollUps(firstDayKept(now, rollUpDays))
      this.#keptFrom = keptFrom
      metrics.keptFrom.set(keptFrom / 1_000)
      log.info({ days, before: new Date(keptFrom).toISOString() }, 'what is older than RETENTION_DAYS is removed')
    } catch (error) {
      if (this.#closed) return
      metrics.trimFaults.inc()
      log.warn({ err: error, days }, 'the store cannot remove what is older than RETENTION_DAYS now; trying again')
    } finally {
      this.#trimming = false
    }
  }

  /** Whether it can be so late. */
  async #isTime(now: number): Promise<boolean> {
    const { store, log, isConfirmed } = this.#options
    if (this.#isSure) return true
    if (isConfirmed?.()) {
      this.#isSure = true
      return true
    }
    // a sensor whose clock is ahead says nothing of ours
    const all = await store.latest()
    const newest = all.reduce((most, { ts, aheadMs }) => (aheadMs === undefined ? Math.max(most, ts) : most), 0)
    const ageMs = now - newest
    this.#isSure = all.length === 0 || Math.abs(ageMs) <= recentMs
    if (!this.#isSure && !this.#hasWarned)
      log.warn(
        { newest: new Date(newest).toISOString() },
        `the newest reading is ${Number((ageMs / dayMs).toFixed(1))} days old: what is older than RETENTION_DAYS is removed once sensors report and say that the clock of this machine is right; see that it is`,
      )
    this.#hasWarned = true
    return this.#isSure
  }

  /** Begins nothing more. What the store is removing ends with the store. */
  close(): void {
    this.#closed = true
    clearInterval(this.#timer)
  }
}
