/** What of a replay is loaded but not shown yet, in order of time (`ts`, epoch ms) and without a gap up to `end`. */
export class ReplayBuffer<Item extends { ts: number }> {
  #items: Item[] = []
  #next = 0
  #end: number

  /** `from`: the moment (epoch ms) that is shown. */
  constructor(from: number) {
    this.#end = from
  }

  /** Everything before this moment (epoch ms) are loaded. */
  get end(): number {
    return this.#end
  }

  /** Takes what there is from the present end up to a new one. */
  append(items: readonly Item[], end: number): void {
    this.#items = [...this.#items.slice(this.#next), ...items]
    this.#next = 0
    this.#end = end
  }

  /** Reads, once, what was before a moment (epoch ms). */
  *readUntil(before: number): Generator<Item> {
    for (let item = this.#items[this.#next]; item; item = this.#items[this.#next]) {
      if (item.ts >= before) return
      this.#next += 1
      yield item
    }
  }
}
