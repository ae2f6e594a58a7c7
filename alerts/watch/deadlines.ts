/** Something that is due at a time, epoch ms. */
interface Entry<Item> {
  at: number
  item: Item
}

/** Deadlines in order: a binary heap. It holds what is put in, so its bound is that of its users. */
export class Deadlines<Item> {
  readonly #heap: Entry<Item>[] = []

  get size(): number {
    return this.#heap.length
  }

  add(item: Item, at: number): void {
    const heap = this.#heap
    let child = heap.push({ item, at }) - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (this.#at(parent) <= at) break
      this.#swap(child, parent)
      child = parent
    }
  }

  /** Takes out the earliest that is due at `now`; undefined when none is. */
  takeDue(now: number): Item | undefined {
    const heap = this.#heap
    const first = heap[0]
    if (!first || first.at > now) return undefined
    const last = heap.pop()
    if (last && heap.length > 0) {
      heap[0] = last
      this.#sink()
    }
    return first.item
  }

  #sink(): void {
    for (let parent = 0; ; ) {
      const left = 2 * parent + 1
      const smaller = this.#at(left + 1) < this.#at(left) ? left + 1 : left
      if (this.#at(parent) <= this.#at(smaller)) return
      this.#swap(parent, smaller)
      parent = smaller
    }
  }

  #at(index: number): number {
    return this.#heap[index]?.at ?? Number.POSITIVE_INFINITY
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    if (!a || !b) return
    this.#heap[one] = b
    this.#heap[other] = a
  }
}
