/** writes under way at once: while the store takes one batch, the next is made */
const maxUnderWay = 2

/** Lets a few writes be under way at once. They may end in any order; what is to be done after each is done in theirs. */
export class OrderedWrites {
  readonly #writing = new Set<Promise<void>>()
  /** of each that is under way, oldest first: settled once it and all before it are done */
  readonly #done: Promise<void>[] = []

  /**
   * Begins a write once there is room for it. `done` is called when it and all before it are written, and never when one of
   * them fails. Rejects, and begins nothing, when an earlier one has failed.
   */
  async begin(write: () => Promise<void>, done: () => Promise<void>): Promise<void> {
    if (this.#done.length >= maxUnderWay) await this.#done.shift()
    const writing = write()
    this.#writing.add(writing)
    const end = () => this.#writing.delete(writing)
    writing.then(end, end)
    const all = (this.#done.at(-1) ?? Promise.resolve()).then(() => writing).then(done)
    all.catch(() => {}) // reported to whoever starts another write, or waits for the end
    this.#done.push(all)
  }

  /** Resolves once all are done; rejects once none is under way and one has failed. Then it begins anew. */
  async ended(): Promise<void> {
    const done = this.#done.splice(0)
    await Promise.allSettled(this.#writing)
    await Promise.all(done)
  }
}
