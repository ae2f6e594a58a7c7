/** parts that the time window is cut into: of each the smallest and the largest value are held, so memory has a bound */
const parts = 32

interface Part {
  number: number
  min: number
  max: number
}

/** How far a value stands above the smallest and below the largest of the time before. */
export interface Moved {
  up: number
  down: number
}

/** A value's range over a moving window of time. The window is cut into 32 parts, so it is exact to one of them. */
export class MovingRange {
  readonly #partMs: number
  #held: Part[] = []

  constructor(windowMs: number) {
    this.#partMs = windowMs / parts
  }

  /** Adds a value measured at `ts` (epoch ms), not before the last one; gives how far it has moved within the window. */
  add(ts: number, value: number): Moved {
    const number = Math.floor(ts / this.#partMs)
    this.#held = this.#held.filter((part) => part.number > number - parts)
    const up = value - Math.min(value, ...this.#held.map(({ min }) => min))
    const down = Math.max(value, ...this.#held.map(({ max }) => max)) - value
    const newest = this.#held.at(-1)
    if (newest?.number === number) {
      newest.min = Math.min(newest.min, value)
      newest.max = Math.max(newest.max, value)
    } else this.#held.push({ number, min: value, max: value })
    return { up, down }
  }
}
