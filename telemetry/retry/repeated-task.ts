import type { Backoff } from './backoff.ts'
import { type RetryFault, waitAfter } from './retry.ts'

export interface RepeatedTaskOptions {
  /** resolves with the ms until the next run, where that differs from `everyMs` */
  task: () => Promise<number> | Promise<void>
  /** ms between the end of one run and the next */
  everyMs: number
  /** between runs that fail */
  backoff: Backoff
  /** called with each run that fails, before the wait */
  onFault?: (fault: RetryFault) => void
}

/** Runs a task again and again, one at a time: now and then, after a failure with back-off and jitter, and when asked to. */
export class RepeatedTask {
  readonly #options: RepeatedTaskOptions
  #running: Promise<void> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  /** ms after which it was asked to run again while it was under way */
  #askedMs: number | undefined
  #failures = 0
  #isClosed = false

  constructor(options: RepeatedTaskOptions) {
    this.#options = options
  }

  /** Runs it now, or joins the run under way; resolves when that is over, whatever came of it. */
  run(): Promise<void> {
    clearTimeout(this.#timer)
    if (!this.#isClosed) this.#running ??= this.#attempt()
    return this.#running ?? Promise.resolve()
  }

  /** Has the next run begin after so many ms, whenever it would have begun; of a run under way, after its end. */
  runIn(ms: number): void {
    if (this.#running) this.#askedMs = ms
    else this.#schedule(ms)
  }

  /** No run begins any more; resolves when none is under way. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#running
  }

  async #attempt(): Promise<void> {
    const waitMs = await this.#waitBehindOne()
    this.#running = undefined
    const askedMs = this.#askedMs
    this.#askedMs = undefined
    this.#schedule(askedMs ?? waitMs)
  }

  /** Runs the task once; resolves with the ms until it is due again. */
  async #waitBehindOne(): Promise<number> {
    const { task, everyMs, backoff, onFault } = this.#options
    try {
      const dueMs = await task()
      this.#failures = 0
      return typeof dueMs === 'number' ? dueMs : everyMs
    } catch (error) {
      const failures = ++this.#failures
      const waitMs = waitAfter(error, failures, backoff)
      if (!this.#isClosed) onFault?.({ error, failures, waitMs })
      return waitMs
    }
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer)
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.run(), ms)
  }
}
