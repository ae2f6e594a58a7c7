import { type ValueStates, withoutStates } from '#telemetry/device-state.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { Value } from '#telemetry/reading-parts.ts'

/** Readings of which none has the sensor and time of another, and how many of those before contradicted an earlier one. */
export interface MergedBatch {
  readings: readonly Reading[]
  corrected: number
}

/**
 * What becomes of a duplicate reading: two readings of one sensor and time, or one step of time, as one: the values of both, and of what both have the later one, which is a correction
 * where it differs. The later one says the state of the values that it holds. All that is not a value (district, `seq`, `aheadMs`) is the later one's.
 */
export function mergeReadings(earlier: Reading, later: Reading): { reading: Reading; corrected: boolean } {
  const before = earlier.values as Readonly<Record<string, Value | undefined>> // a number or a word each
  const corrected = Object.entries(later.values).some(([name, value]) => (before[name] ?? value) !== value)
  const { states: _, ...rest } = later
  const states = mergeStates(earlier, later)
  const values = { ...earlier.values, ...later.values }
  // both are of one kind and valid
  return { reading: { ...rest, ...(states && { states }), values } as Reading, corrected }
}

/** The states of two readings of one sensor and time. */
export function mergeStates(
  earlier: Pick<Reading, 'states'>,
  later: Pick<Reading, 'states' | 'values'>,
): ValueStates | undefined {
  if (earlier.states === undefined) return later.states
  const kept = withoutStates(earlier.states, (name) => name in later.values)
  return kept && later.states ? { ...kept, ...later.states } : (kept ?? later.states)
}

/** Merges the readings of a batch that have one sensor and time, in the order in which they arrived. Nearly always there is nothing to merge, which is found out in one look. */
export function mergeBatch(readings: readonly Reading[]): MergedBatch {
  const newest = new Map<string, number>()
  const inOrder = readings.every(({ sensor, ts }) => {
    const known = newest.get(sensor)
    newest.set(sensor, ts)
    return known === undefined || ts > known
  })
  return inOrder ? { readings, corrected: 0 } : merged(readings)
}

function merged(readings: readonly Reading[]): MergedBatch {
  const once = new Map<string, Reading>()
  let corrected = 0
  for (const reading of readings) {
    const key = `${reading.kind} ${reading.sensor} ${reading.ts}`
    const earlier = once.get(key)
    const both = earlier && mergeReadings(earlier, reading)
    once.set(key, both?.reading ?? reading)
    if (both?.corrected) corrected += 1
  }
  return { readings: [...once.values()], corrected }
}
