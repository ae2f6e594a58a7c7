/** ms without progress, while something waits, after which ingest is stuck */
const stuckMs = 60_000
const checkMs = 1_000

/** Reports for readiness that something waits and nothing progresses. */
export class ProgressHealth {
  readonly #report: (stuck: boolean) => void
  readonly #timer: NodeJS.Timeout
  #waitingSince: number | undefined

  /** @param report called whenever it is found to be stuck, or no longer */
  constructor(report: (stuck: boolean) => void) {
    this.#report = report
    this.#timer = setInterval(() => this.#check(), checkMs)
    this.#timer.unref()
  }

  /** Something waits from now on, unless something did before. */
  recordWaiting(): void {
    this.#waitingSince ??= performance.now()
  }

  /** Something progressed; `all` when nothing waits any more. */
  recordProgress(all: boolean): void {
    this.#waitingSince = all ? undefined : performance.now()
    this.#report(false)
  }

  #check(): void {
    if (this.#waitingSince === undefined) return
    if (performance.now() - this.#waitingSince >= stuckMs) this.#report(true)
  }

  /** Ends the checks and the report. */
  close(): void {
    clearInterval(this.#timer)
    this.#report(false)
  }
}
