/** Something that is due at a time, epoch ms. */
interface Entry<Item> {
  at: number
  item: Item
}

/** Items with a deadline each, earliest first: a binary heap in which each item is at most once, so its bound is the number of items. */
export class Deadlines<Item extends object> {
  readonly #heap: Entry<Item>[] = []
  readonly #places = new Map<Item, number>()

  get size(): number {
    return this.#heap.length
  }

  /** Adds an item, or moves it to another time (epoch ms). */
  set(item: Item, at: number): void {
    const place = this.#places.get(item) ?? this.#heap.push({ item, at }) - 1
    this.#put({ item, at }, place)
    this.#sink(this.#rise(place))
  }

  clear(): void {
    this.#heap.length = 0
    this.#places.clear()
  }

  /** Removes the earliest item whose deadline is before `now` (epoch ms) and returns it; undefined when there is none. */
  removePassed(now: number): Item | undefined {
    const first = this.#heap[0]
    if (!first || first.at >= now) return undefined
    const last = this.#heap.pop()
    this.#places.delete(first.item)
    if (last && last !== first) {
      this.#put(last, 0)
      this.#sink(0)
    }
    return first.item
  }

  #rise(from: number): number {
    let child = from
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (this.#at(parent) <= this.#at(child)) break
      this.#swap(child, parent)
      child = parent
    }
    return child
  }

  #sink(from: number): void {
    for (let parent = from; ; ) {
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

  #put(entry: Entry<Item>, place: number): void {
    this.#heap[place] = entry
    this.#places.set(entry.item, place)
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    if (!a || !b) return
    this.#put(b, one)
    this.#put(a, other)
  }
}
