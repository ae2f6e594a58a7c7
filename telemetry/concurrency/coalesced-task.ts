/**
 * Runs a task in the background, one at a time. Asked for while it is under way, it is run once more afterwards: what came after the
 * task looked at its queue for the last time is not left waiting.
 */
export class CoalescedTask {
  readonly #task: () => Promise<void>
  #requested = false
  #running: Promise<void> | undefined

  /** @param task must not reject: nobody waits for it */
  constructor(task: () => Promise<void>) {
    this.#task = task
  }

  /** Starts the task, or has it run once more when the run under way ends. */
  request(): void {
    this.#requested = true
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is under way and nothing is requested. */
  async idle(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    try {
      while (this.#requested) {
        this.#requested = false
        await this.#task()
      }
    } finally {
      this.#running = undefined
    }
  }
}
