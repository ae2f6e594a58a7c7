import { minuteMs } from './durations.ts'

/** ms by which the clock of the machine and the time that has passed may part before that counts as a jump */
export const jumpMs = 5_000
/** ms within which two clocks say the same time */
const sameMs = 5 * minuteMs

export interface SteadyClockOptions {
  /** epoch ms that it begins with at least: a time that is known to have been */
  notBefore?: number
  /** the clock of the machine, epoch ms */
  wall?: () => number
  /** ms that have passed since some moment; never goes back */
  elapsed?: () => number
}

/**
 * A clock that does not jump with the clock of the machine: it begins with that one and goes on by the time that has passed.
 * The two say the same (a small difference is followed) until somebody sets the clock; which of the two is right then, others
 * must tell: {@link heard}.
 */
export class SteadyClock {
  readonly #wall: () => number
  readonly #elapsed: () => number
  /** epoch ms at which `elapsed` was 0 */
  #began: number

  constructor({ notBefore = 0, wall = () => Date.now(), elapsed = () => performance.now() }: SteadyClockOptions = {}) {
    this.#wall = wall
    this.#elapsed = elapsed
    this.#began = Math.max(wall(), notBefore) - elapsed()
  }

  /** Epoch ms. */
  readonly now = (): number => Math.round(this.#wall() - this.offMs)

  /** ms by which the clock of the machine is ahead of this one (positive) or behind it; 0 while they say the same. */
  get offMs(): number {
    const offMs = this.#wall() - (this.#began + this.#elapsed())
    if (Math.abs(offMs) > jumpMs) return offMs
    this.#began += offMs
    return 0
  }

  /** It is `at` (epoch ms) at least: a time before this start is known. */
  notBefore(at: number): void {
    if (at > this.now()) this.#began = at - this.#elapsed()
  }

  /**
   * Somebody else's clock says that it is about `at` (epoch ms). Where the clock of the machine has jumped, it is believed again
   * when it says the same; a time far ahead of both is taken over. What is late says nothing. Answers whether that moved this clock.
   */
  heard(at: number): boolean {
    const { offMs } = this
    const wall = this.#wall()
    if (offMs === 0 && at <= wall + sameMs) return false
    const isWall = Math.abs(at - wall) <= sameMs
    if (!isWall && at <= Math.max(this.now(), wall) + sameMs) return false
    this.#began = (isWall ? wall : at) - this.#elapsed()
    return true
  }
}

/** When the newest of these arrived, epoch ms; 0 of none. */
export function newestArrival(batch: Iterable<{ arrivedAt: number }>): number {
  let newest = 0
  for (const { arrivedAt } of batch) newest = Math.max(newest, arrivedAt)
  return newest
}
