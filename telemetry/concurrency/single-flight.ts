/**
 * Runs a task one at a time: whoever asks for it while it is under way gets the result of that run. Not for what drains a queue: a run
 * that has seen the queue empty can still be joined; see CoalescedTask.
 */
export class SingleFlight {
  readonly #task: () => Promise<void>
  #running: Promise<void> | undefined

  constructor(task: () => Promise<void>) {
    this.#task = task
  }

  /** Starts the task, or joins the run under way. */
  run(): Promise<void> {
    this.#running ??= this.#task().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  /** Resolves when no run is under way; rejects with what that run rejects with. */
  async idle(): Promise<void> {
    await this.#running
  }
}
