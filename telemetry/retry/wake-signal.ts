/** A sleep that another part of the program can end early: for loops that wait for something to do. */
export class WakeSignal {
  readonly #sleeping = new Set<() => void>()

  /** Resolves after so many ms, or at the next {@link wake}. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#sleeping.delete(end)
        resolve()
      }
      const timer = setTimeout(end, ms)
      this.#sleeping.add(end)
    })
  }

  /** Resolves at the next {@link wake}. */
  woken(): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        this.#sleeping.delete(end)
        resolve()
      }
      this.#sleeping.add(end)
    })
  }

  /** Ends every {@link sleep} that lasts. */
  wake(): void {
    for (const end of [...this.#sleeping]) end()
  }
}
