import { hourMs } from '#telemetry/durations.ts'
import { offsetReader } from '#telemetry/zone-offset.ts'

/** The local time of one zone of the IANA database, daylight saving included. Moments are epoch ms. */
export interface Zone {
  readonly name: string
  /** ms that local time is ahead of UTC at a moment */
  offsetAt(at: number): number
  /** Whether the clocks show this minute twice, now or at another moment: they are set back near it. */
  isShownTwice(at: number): boolean
  /** A moment as a `datetime-local` field has it, to the minute. */
  fieldOf(at: number): string
  /**
   * The moment that a `datetime-local` field says; undefined when it says none. Of a time that the clocks show twice it is the
   * first; one that they leave out counts on from before the change.
   */
  momentOf(field: string): number | undefined
  /** Moments from `from` to `to` at which the local clock shows a whole multiple of `everyMs`, in order. */
  multiples(from: number, to: number, everyMs: number): number[]
}

/** ms: clocks are set back by less */
const longestSetBackMs = 3 * hourMs
/** ms: no zone is further from UTC */
const furthestMs = 15 * hourMs

/** How far ahead of UTC, as `UTC+05:45`. */
export function offsetText(offsetMs: number): string {
  const size = new Date(Math.abs(offsetMs)).toISOString().slice(11, 16)
  return `UTC${offsetMs < 0 ? '-' : '+'}${size}`
}

/** Local time in a zone. Throws a RangeError when there is no such zone. */
export function zoneOf(name: string): Zone {
  const offsetAt = offsetReader(name)
  return {
    name,
    offsetAt,
    isShownTwice(at) {
      const offset = offsetAt(at)
      const others = [offsetAt(at - longestSetBackMs), offsetAt(at + longestSetBackMs)]
      return others.some((other) => other !== offset && offsetAt(at + offset - other) === other)
    },
    fieldOf: (at) => new Date(at + offsetAt(at)).toISOString().slice(0, 16),
    momentOf(field) {
      const local = Date.parse(`${field}Z`)
      if (Number.isNaN(local)) return undefined
      // the offset before a change that may be near, and the one after it
      const [before, after] = [offsetAt(local - furthestMs), offsetAt(local + furthestMs)]
      const first = local - Math.max(before, after)
      if (offsetAt(first) === Math.max(before, after)) return first
      const second = local - Math.min(before, after)
      return offsetAt(second) === Math.min(before, after) ? second : local - before
    },
    multiples(from, to, everyMs) {
      const offsets = new Set<number>()
      // from a multiple earlier on: the first moment may show one for the second time
      const start = from - everyMs
      for (let at = start; at < to + hourMs; at += hourMs) offsets.add(offsetAt(at))
      const found: number[] = []
      for (const offset of offsets)
        for (let at = Math.ceil((start + offset) / everyMs) * everyMs - offset; at <= to; at += everyMs) {
          const now = offsetAt(at)
          // where the clocks leave a multiple out, they jump over it at this moment
          if (now === offset || (now > offset && offsetAt(at - 1) === offset)) found.push(at)
        }
      // clocks set back show a multiple twice: the first one counts
      const kept: number[] = []
      for (const at of found.sort((a, b) => a - b)) if (at - (kept.at(-1) ?? -everyMs) > everyMs / 2) kept.push(at)
      return kept.filter((at) => at >= from)
    },
  }
}
