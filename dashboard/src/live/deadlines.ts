/** A name and when it is due, epoch ms. */
export interface Deadline {
  name: string
  due: number
}

/** Names with a time at which each is due, earliest first: a binary heap. */
export class Deadlines {
  readonly #names: string[] = []
  readonly #times: number[] = []

  get size(): number {
    return this.#names.length
  }

  clear(): void {
    this.#names.length = 0
    this.#times.length = 0
  }

  add(name: string, due: number): void {
    let at = this.#names.length
    this.#names.push(name)
    this.#times.push(due)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#time(parent) <= due) break
      this.#swap(at, parent)
      at = parent
    }
  }

  /** Takes out the earliest one that is due before `now`; undefined when none is. */
  next(now: number): Deadline | undefined {
    const due = this.#time(0)
    if (due >= now) return undefined
    this.#swap(0, this.#names.length - 1)
    const name = this.#names.pop()
    this.#times.pop()
    this.#sink()
    return name === undefined ? undefined : { name, due }
  }

  #sink(): void {
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const right = left + 1
      let least = at
      if (this.#time(left) < this.#time(least)) least = left
      if (this.#time(right) < this.#time(least)) least = right
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }

  #time(at: number): number {
    return this.#times[at] ?? Number.POSITIVE_INFINITY
  }

  #swap(a: number, b: number): void {
    const [name = '', time = 0] = [this.#names[a], this.#times[a]]
    this.#names[a] = this.#names[b] ?? ''
    this.#times[a] = this.#times[b] ?? 0
    this.#names[b] = name
    this.#times[b] = time
  }
}
