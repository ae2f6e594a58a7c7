import { fromSteps, toSteps } from '#storage/roll-up/steps.ts'
import type { CorrectionSegment } from '#storage/roll-ups.ts'
import type { Point } from '#storage/store.ts'
import type { ValueState } from '#telemetry/device-state.ts'
import type { HistoryPoint } from '#telemetry/history-rest.ts'
import { type Reading, valuesOf } from '#telemetry/reading.ts'
import type { Value } from '#telemetry/reading-parts.ts'

/** What is decided about the values of one sensor, found by time. */
export class ValueCorrections {
  readonly #byValue = new Map<string, CorrectionSegment[]>()

  /** @param segments of which no two of one value overlap */
  constructor(segments: readonly CorrectionSegment[]) {
    for (const segment of segments.toSorted((a, b) => a.from - b.from)) {
      const of = this.#byValue.get(segment.value)
      if (of) of.push(segment)
      else this.#byValue.set(segment.value, [segment])
    }
  }

  /** Whether anything is decided about a span with `from <= ts < to` (epoch ms), of one value or of any. */
  overlaps({ from, to }: { from: number; to: number }, value?: string): boolean {
    const some = value === undefined ? [...this.#byValue.values()].flat() : (this.#byValue.get(value) ?? [])
    return some.some((segment) => segment.from < to && from < segment.to)
  }

  /** A point of a history with what a person decided about it. A value that was not being measured stays so, whatever they said. */
  correctPoint(value: string, point: Point): HistoryPoint {
    const segment = point.state === undefined ? this.#at(value, point.ts) : undefined
    if (!segment) return point
    const { exclusion } = segment
    if (exclusion !== undefined) return { ...point, corrected: true, excluded: exclusion }
    return { ...point, corrected: true, counts: changed(segment, point.value) }
  }

  /** A reading as it counts: what is left out is in a state in which nothing is judged by it. */
  correctReading(reading: Reading): Reading {
    const values: Record<string, Value | undefined> = { ...valuesOf(reading) }
    const states: Record<string, ValueState> = { ...reading.states }
    let isChanged = false
    for (const [name, value] of Object.entries(values)) {
      const segment = states[name] === undefined ? this.#at(name, reading.ts) : undefined
      if (!segment || value === undefined) continue
      isChanged = true
      if (segment.exclusion === undefined) values[name] = changed(segment, value)
      else states[name] = stateOf(segment.exclusion)
    }
    if (!isChanged) return reading
    return { ...reading, ...(Object.keys(states).length > 0 && { states }), values } as Reading // values of the same kind
  }

  #at(value: string, ts: number): CorrectionSegment | undefined {
    const segments = this.#byValue.get(value) ?? []
    let [low, high] = [0, segments.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((segments[middle]?.to ?? 0) <= ts) low = middle + 1
      else high = middle
    }
    const found = segments[low]
    return found && found.from <= ts ? found : undefined
  }
}

/** What a number counts as, in whole steps as in the roll-ups; a word stays what it is. */
function changed({ factor, offset }: CorrectionSegment, value: Value): Value {
  return typeof value === 'number' ? fromSteps(toSteps(value * factor + offset)) : value
}

function stateOf(exclusion: NonNullable<CorrectionSegment['exclusion']>): ValueState {
  return exclusion === 'invalid' || exclusion === 'clock' ? 'error' : exclusion
}
