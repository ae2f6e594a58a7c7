import { Temporal } from 'temporal-polyfill'
import { dayMs } from '#telemetry/durations.ts'

const zoned = (ts: number, zone: string) => Temporal.Instant.fromEpochMilliseconds(ts).toZonedDateTimeISO(zone)

/** From a moment on (epoch ms) local time is so many ms ahead of UTC. */
interface OffsetFrom {
  from: number
  offset: number
}

function offsetsOf(zone: string, from: number, to: number): OffsetFrom[] {
  const first = zoned(from, zone)
  const offsets = [{ from: Number.NEGATIVE_INFINITY, offset: first.offsetNanoseconds / 1e6 }]
  for (let next = first.getTimeZoneTransition('next'); next; next = next.getTimeZoneTransition('next')) {
    if (next.epochMilliseconds >= to) break
    offsets.push({ from: next.epochMilliseconds, offset: next.offsetNanoseconds / 1e6 })
  }
  return offsets
}

/**
 * What the clock of a zone shows over a span of time, as ms: those of the same date and time in UTC. Made once, it is asked for
 * thousands of moments.
 */
export class LocalClock {
  readonly #offsets: readonly OffsetFrom[]

  constructor(zone: string, { from, to }: { from: number; to: number }) {
    this.#offsets = offsetsOf(zone, from - 2 * dayMs, to + 2 * dayMs)
  }

  #offsetAt(ts: number): number {
    return this.#offsets.findLast(({ from }) => from <= ts)?.offset ?? 0
  }

  /** What the clock shows at a moment. */
  shownAt(ts: number): number {
    return ts + this.#offsetAt(ts)
  }

  /** When the clock shows this: the first time where it does so twice, and when it leaps where it leaps over it. */
  whenShown(shown: number): number {
    const [before, after] = [this.#offsetAt(shown - dayMs), this.#offsetAt(shown + dayMs)]
    const [asBefore, asAfter] = [shown - before, shown - after]
    if (this.#offsetAt(asBefore) === before) return asBefore
    if (this.#offsetAt(asAfter) === after) return asAfter
    return this.#offsets.find(({ from }) => from > asAfter)?.from ?? asBefore
  }

  /** The weekday, 1 (Monday) to 7, and the hour that the clock shows. */
  hourOfWeek(ts: number): { weekday: number; hour: number } {
    const shown = new Date(this.shownAt(ts))
    return { weekday: ((shown.getUTCDay() + 6) % 7) + 1, hour: shown.getUTCHours() }
  }
}
