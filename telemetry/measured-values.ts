import { type Reading, valuesOf } from './reading.ts'
import type { Values } from './reading-parts.ts'

/** The values of a reading that were being measured: all but those of which the device said something else. */
export function measuredValuesOf(reading: Reading): Values {
  const { states } = reading
  if (states === undefined) return valuesOf(reading)
  return Object.fromEntries(Object.entries(valuesOf(reading)).filter(([name]) => states[name] === undefined))
}

/** A reading with only these values; undefined when there are none: nothing is to be judged by it. */
export function measuredReading(reading: Reading): Reading | undefined {
  if (reading.states === undefined) return reading
  const values = measuredValuesOf(reading)
  if (Object.keys(values).length === 0) return undefined
  const { states: _, ...rest } = reading
  return { ...rest, values } as Reading // values of the same kind, fewer of them
}
