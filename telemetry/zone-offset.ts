import { minuteMs } from './durations.ts'

/** offsets that are remembered, each of a minute: clocks change at whole ones, such as 00:01 */
const maxKnown = 20_000

/**
 * Reads how far (ms) local time in a zone of the IANA database is ahead of UTC at a moment (epoch ms). Asking Intl is slow, so
 * what it said is kept. Throws a RangeError when there is no such zone.
 */
export function offsetReader(name: string): (at: number) => number {
  const shown = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: name, hourCycle: 'h23' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  })
  const known = new Map<number, number>()
  return (at) => {
    const start = Math.floor(at / minuteMs) * minuteMs
    const held = known.get(start)
    if (held !== undefined) return held
    const part: Record<string, number> = {}
    for (const { type, value } of shown.formatToParts(start)) part[type] = Number(value)
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part
    const offset = Date.UTC(year, month - 1, day, hour, minute, second) - start
    if (known.size >= maxKnown) known.clear()
    known.set(start, offset)
    return offset
  }
}
