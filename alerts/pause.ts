/** A pause between two tries that can be cut short. */
export class Pause {
  #end: (() => void) | undefined

  /** Resolves after so many ms, or when it is ended. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#end = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Ends the pause that lasts, if any. */
  end(): void {
    this.#end?.()
  }
}
