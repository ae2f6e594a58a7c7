/** ms without progress, while something waits, after which ingest is stuck */
const stuckMs = 60_000
const lookMs = 1_000

/** Notices that something waits and nothing gets on. */
export class ProgressWatch {
  readonly #tell: (stuck: boolean) => void
  readonly #timer: NodeJS.Timeout
  #waitingSince: number | undefined

  /** @param tell called whenever it is found to be stuck, or no longer */
  constructor(tell: (stuck: boolean) => void) {
    this.#tell = tell
    this.#timer = setInterval(() => this.#look(), lookMs)
    this.#timer.unref()
  }

  /** Something waits from now on, if nothing did before. */
  waits(): void {
    this.#waitingSince ??= performance.now()
  }

  /** Something got on; `all` when nothing waits any more. */
  moved(all: boolean): void {
    this.#waitingSince = all ? undefined : performance.now()
    this.#tell(false)
  }

  #look(): void {
    if (this.#waitingSince === undefined) return
    if (performance.now() - this.#waitingSince >= stuckMs) this.#tell(true)
  }

  /** Looks no more; nothing is stuck that does not run. */
  close(): void {
    clearInterval(this.#timer)
    this.#tell(false)
  }
}
