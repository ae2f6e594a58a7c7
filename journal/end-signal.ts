/** Wakes readers that have reached the end of a journal. */
export class EndSignal {
  readonly #waiting = new Set<() => void>()

  /** Resolves at the next {@link wake}, or after `ms`. */
  async wait(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    let woken: () => void = () => {}
    await new Promise<void>((resolve) => {
      woken = resolve
      this.#waiting.add(resolve)
      timer = setTimeout(resolve, ms)
    })
    clearTimeout(timer)
    this.#waiting.delete(woken)
  }

  wake(): void {
    for (const resolve of this.#waiting) resolve()
  }
}
