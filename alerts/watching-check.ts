/** ms without watching after which that is a fault: a broker that is started anew is back sooner */
const patienceMs = 10_000
const checkMs = 1_000

/** Checks that alerts monitors the sensors, for readiness (`ALERTS_NOT_WATCHING`): not while the store cannot be read at a start, nor while nothing can be received. */
export class WatchingCheck {
  readonly #isWatching: () => boolean
  readonly #report: (wrong: boolean) => void
  readonly #timer: NodeJS.Timeout
  #watchedAt = performance.now()

  /** @param report called at each check with whether nothing has been monitored for too long */
  constructor(isWatching: () => boolean, report: (wrong: boolean) => void) {
    this.#isWatching = isWatching
    this.#report = report
    this.#timer = setInterval(() => this.#check(), checkMs)
    this.#timer.unref()
  }

  #check(): void {
    const now = performance.now()
    if (this.#isWatching()) this.#watchedAt = now
    this.#report(now - this.#watchedAt >= patienceMs)
  }

  /** Ends the checks; nothing is wrong with what was ended. */
  close(): void {
    clearInterval(this.#timer)
    this.#report(false)
  }
}
