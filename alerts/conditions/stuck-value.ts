import type { Condition } from '#telemetry/alert-condition.ts'
import type { Value } from '#telemetry/reading-parts.ts'
import { type ConditionCheck, valueIn } from '../evaluators/evaluator.ts'
import { unitOf } from './threshold.ts'

/** Whether a value stays where it is. How long it must stay is the latch's business: its first reading at a place is `back`. */
export function createStuckCheck({
  value: valueName,
  tolerance,
}: Extract<Condition, { type: 'stuck' }>): ConditionCheck {
  /** values since the last one that moved */
  let range: { min: Value; max: Value } | undefined
  return (reading) => {
    const value = valueIn(reading, valueName)
    if (value === undefined) return undefined
    const wider = range && widened(range, value)
    if (wider === undefined || !isWithin(wider, tolerance)) {
      const isFirst = range === undefined
      range = { min: value, max: value }
      // the first reading of all shows nothing yet: what was before a restart stays
      return { is: isFirst ? 'between' : 'back' }
    }
    range = wider
    return { is: 'beyond', finding: { value, valueName, unit: unitOf(reading.kind, valueName) } }
  }
}

function widened({ min, max }: { min: Value; max: Value }, value: Value) {
  return { min: value < min ? value : min, max: value > max ? value : max }
}

function isWithin({ min, max }: { min: Value; max: Value }, tolerance: number): boolean {
  return typeof min === 'number' && typeof max === 'number' ? max - min <= tolerance : min === max
}
