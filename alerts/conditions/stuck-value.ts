import type { Condition } from '#telemetry/alert-condition.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import { type ConditionCheck, normal, readValue, unitOfValue, withinDeadband } from './condition-check.ts'

/** Checks whether a value is stuck. For how long is the on-delay's business: the first reading that differs is `normal`. */
export function createStuckCheck({
  value: valueName,
  tolerance,
}: Extract<Condition, { type: 'stuck' }>): ConditionCheck {
  /** values since the last one that moved */
  let range: { min: Value; max: Value } | undefined
  return (reading) => {
    const value = readValue(reading, valueName)
    if (value === undefined) return undefined
    const wider = range && widened(range, value)
    if (wider === undefined || !isWithin(wider, tolerance)) {
      const isFirst = range === undefined
      range = { min: value, max: value }
      // the first reading of all shows nothing yet: the state from before a restart stays
      return isFirst ? withinDeadband : normal
    }
    range = wider
    return { is: 'abnormal', finding: { value, valueName, unit: unitOfValue(reading.kind, valueName) } }
  }
}

function widened({ min, max }: { min: Value; max: Value }, value: Value) {
  return { min: value < min ? value : min, max: value > max ? value : max }
}

function isWithin({ min, max }: { min: Value; max: Value }, tolerance: number): boolean {
  return typeof min === 'number' && typeof max === 'number' ? max - min <= tolerance : min === max
}
