import { floorHour } from '#storage/roll-up/utc-hours.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { hourMs, minuteMs } from '#telemetry/durations.ts'

/** ms after its end at which an hour is rolled up for the first time: most of what comes late has come then */
const settledMs = 15 * minuteMs
/** ms of hours that are rolled up without a look at what the newest reading says about the clock */
const trustedMs = 2 * hourMs
/** ms between two looks at the newest reading */
const lookMs = 10 * minuteMs

/** Epoch ms up to which whole hours (UTC) are settled at a time. */
export function settledHours(now: number): number {
  return floorHour(now - settledMs)
}

/**
 * Up to when hours are to be rolled up. Not beyond the hour of the newest reading where that is more than two hours on: a machine may have started with
 * a clock that is years ahead, and an hour that is rolled up before its readings come costs more than one that is not.
 */
export class RollUpsDue {
  readonly #store: Pick<TelemetryStore, 'latest'>
  readonly #clock: () => number
  #newest: { end: number; askedAt: number } | undefined

  /** @param clock epoch ms */
  constructor(store: Pick<TelemetryStore, 'latest'>, clock: () => number) {
    this.#store = store
    this.#clock = clock
  }

  /** Epoch ms, as far as it is known without asking; 0 while there is nothing to roll up. */
  get known(): number {
    return Math.min(settledHours(this.#clock()), this.#newest?.end ?? Number.POSITIVE_INFINITY)
  }

  /** Epoch ms. @param rolledTo epoch ms up to which hours are rolled up */
  async until(rolledTo: number | undefined): Promise<number> {
    const now = this.#clock()
    if (rolledTo !== undefined && settledHours(now) - rolledTo <= trustedMs) this.#newest = undefined
    else if (!this.#newest || Math.abs(now - this.#newest.askedAt) > lookMs)
      this.#newest = { end: await this.#newestEnd(), askedAt: now }
    return this.known
  }

  /** End of the hour of the newest reading of a clock that was right, epoch ms; 0 when there is none. */
  async #newestEnd(): Promise<number> {
    const all = await this.#store.latest()
    const newest = all.reduce((most, { ts, aheadMs }) => (aheadMs === undefined ? Math.max(most, ts) : most), -1)
    return floorHour(newest) + hourMs
  }
}
