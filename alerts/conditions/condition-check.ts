import type { Kind } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import type { Unit } from '#telemetry/units.ts'
import { givenUnit, valueInfo } from '#telemetry/values.ts'

/** What was measured when the condition of a rule was met. */
export interface Finding {
  /** absent for what has no size */
  value?: Value
  /** absent for an index */
  valueName?: string
  limit?: number
  /** how far the value has moved, negative downwards; only of a rate of change */
  change?: number
  /** s within which it has moved so far */
  withinSeconds?: number
  /** of value, limit and change; empty for an index */
  unit: Unit
}

/** What one reading says of a condition: met, not met, or within the deadband, where the state stays as it was. */
export type CheckResult = { is: 'abnormal'; finding: Finding } | { is: 'deadband' } | { is: 'normal' }

/** Checks the condition of a rule on readings in order of time; undefined when a reading says nothing about it. */
export type ConditionCheck = (reading: Reading, meta: SensorMeta | undefined) => CheckResult | undefined

export const normal: CheckResult = { is: 'normal' }
export const withinDeadband: CheckResult = { is: 'deadband' }

/** A value of a reading by its name; undefined when the reading does not hold it. */
export function readValue(reading: Reading, name: string): Value | undefined {
  // a reading holds no values but those of its kind, each a number or a word
  return (reading.values as Readonly<Record<string, Value | undefined>>)[name]
}

/** Unit in which a value is measured; a share is measured as 0 to 1. */
export function unitOfValue(kind: Kind, name: string): Unit {
  const info = valueInfo(kind, name)
  return info === undefined ? '' : givenUnit(info).unit
}
