import { hourMs } from './durations.ts'
import { defaultTimeZone } from './time-zone.ts'
import { offsetReader } from './zone-offset.ts'

/** ms: since 2000 clocks are off UTC by whole quarters of an hour, and change at whole quarters */
const quarterMs = hourMs / 4
/** hours that are remembered, by each quarter that was asked for */
const maxKnown = 10_000

/** An hour of the local clock: from its beginning up to, not including, its end; epoch ms. */
export interface ClockHour {
  from: number
  to: number
}

/**
 * The hours of the clock of a zone: they begin when it shows a whole hour, half past one of UTC in India. Where the clocks
 * change within an hour, a new one begins.
 */
export class ClockHours {
  readonly #offsetAt: (at: number) => number
  readonly #known = new Map<number, ClockHour>()

  /** @param zone of the IANA database; throws a RangeError when there is none of this name */
  constructor(zone = defaultTimeZone) {
    this.#offsetAt = offsetReader(zone)
  }

  /** The hour that a moment (epoch ms) is in. */
  of(ts: number): ClockHour {
    const quarter = Math.floor(ts / quarterMs) * quarterMs
    const known = this.#known.get(quarter)
    if (known) return known
    let from = quarter
    while (!this.#begins(from)) from -= quarterMs
    let to = quarter + quarterMs
    while (!this.#begins(to)) to += quarterMs
    if (this.#known.size >= maxKnown) this.#known.clear()
    const hour = { from, to }
    this.#known.set(quarter, hour)
    return hour
  }

  /** The hours before a moment, the newest first; the first one ends at `ts` or before. */
  before(ts: number, count: number): ClockHour[] {
    const hours: ClockHour[] = []
    for (let { from } = this.of(ts); hours.length < count; ) {
      const hour = this.of(from - 1)
      hours.push(hour)
      from = hour.from
    }
    return hours
  }

  #begins(quarter: number): boolean {
    const offset = this.#offsetAt(quarter)
    return (quarter + offset) % hourMs === 0 || this.#offsetAt(quarter - 1) !== offset
  }
}
