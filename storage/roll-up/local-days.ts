import { Temporal } from 'temporal-polyfill'
import { dayMs } from '#telemetry/durations.ts'

/** days more than a span has that are worked out at once */
const aheadDays = 400

/** When the local days of a time zone begin, clocks that change included. What is worked out is remembered. */
export class LocalDays {
  readonly #zone: string
  /** starts of days that follow one another, epoch ms */
  #starts: number[] = []

  constructor(zone: string) {
    this.#zone = zone
  }

  /** The day that a time falls into: `from <= ts < to`. */
  dayOf(ts: number): { from: number; to: number } {
    const starts = this.startsOf(ts, ts)
    return { from: starts[0] ?? Number.NaN, to: starts[1] ?? Number.NaN }
  }

  /** Starts of the days that have some of `from <= ts <= to`, and of the one behind. */
  startsOf(from: number, to: number): number[] {
    this.#cover(from, to)
    return this.#starts.slice(this.#indexOf(from), this.#indexOf(to) + 2)
  }

  /** Index of the day that holds a time. */
  #indexOf(ts: number): number {
    let [low, high] = [0, this.#starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.#starts[middle] ?? Number.NaN) <= ts) low = middle
      else high = middle
    }
    return low
  }

  #cover(from: number, to: number): void {
    const first = this.#starts[0]
    const last = this.#starts.at(-1)
    if (first !== undefined && last !== undefined && first <= from && to < last) return
    const begin = Math.min(from, first ?? from) - aheadDays * dayMs
    const end = Math.max(to, last ?? to) + aheadDays * dayMs
    let date = Temporal.Instant.fromEpochMilliseconds(begin).toZonedDateTimeISO(this.#zone).toPlainDate()
    const starts: number[] = []
    while ((starts.at(-1) ?? begin) <= end) {
      starts.push(date.toZonedDateTime(this.#zone).epochMilliseconds)
      date = date.add({ days: 1 })
    }
    this.#starts = starts
  }
}
