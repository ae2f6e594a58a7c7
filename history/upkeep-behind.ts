import { hourMs, minuteMs } from '#telemetry/durations.ts'

/** ms by which roll-ups are behind that are worth telling */
const behindMs = 3 * hourMs
/** ms that it lasts before it is told: after a start there may be much to do */
const lastingMs = 10 * minuteMs

/** Tells health when the upkeep of the roll-ups has been hours behind for some minutes. */
export class UpkeepBehind {
  readonly #report: (behind: boolean) => void
  #since: number | undefined

  constructor(report: (behind: boolean) => void) {
    this.#report = report
  }

  /** @param elapsed ms that have passed since some moment */
  observe({ lagMs, dirtyAgeMs }: { lagMs: number; dirtyAgeMs: number }, elapsed = performance.now()): void {
    if (lagMs < behindMs && dirtyAgeMs < behindMs) this.#since = undefined
    else this.#since ??= elapsed
    this.#report(this.#since !== undefined && elapsed - this.#since >= lastingMs)
  }
}
