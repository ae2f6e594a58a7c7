/** Runs changes one after the other: what one of them looks up still holds when it writes. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs a change after all earlier ones; answers what it answers. */
  run<T>(change: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(change)
    this.#last = turn.catch(() => {}) // told to the caller of this turn, not to the next
    return turn
  }
}
