import { mergeReadings } from '#storage/merge-readings.ts'
import type { LiveReading } from '#telemetry/live.ts'
import type { Reading } from '#telemetry/reading.ts'
import { valuesOf } from '#telemetry/reading.ts'

/**
 * Adds a reading to those of its sensor that wait for the next batch. Readings of one time are united, the value that came last
 * wins. One whose values are all in another that is not older goes, so that there are no more than the sensor has values; one
 * of a clock that is ahead stands for its like alone.
 */
export function mergeReading(held: readonly LiveReading[], came: LiveReading): LiveReading[] {
  const same = held.find(({ reading }) => reading.ts === came.reading.ts && isAhead(reading) === isAhead(came.reading))
  const item = same ? { ...came, reading: mergeReadings(same.reading, came.reading).reading } : came
  const others = held.filter((other) => other !== same)
  if (others.some((other) => covers(other, item))) return [...others]
  return [...others.filter((other) => !covers(item, other)), item]
}

const isAhead = ({ aheadMs }: Reading) => aheadMs !== undefined

/** Whether one reading stands for another. */
function covers(one: LiveReading, other: LiveReading): boolean {
  if (isAhead(one.reading) !== isAhead(other.reading) || one.reading.ts < other.reading.ts) return false
  const values = valuesOf(one.reading)
  return isAhead(one.reading) || Object.keys(other.reading.values).every((name) => values[name] !== undefined)
}
