import type { Condition } from '#telemetry/alert-condition.ts'
import { MovingRange } from '#telemetry/moving-range.ts'
import { type ConditionCheck, normal, readValue, unitOfValue } from './condition-check.ts'

/**
 * Checks the rate of change: how far a value has moved within a time window, up from the smallest and down from the largest value
 * before.
 */
export function createRateCheck(condition: Extract<Condition, { type: 'rate' }>): ConditionCheck {
  const { value: valueName, direction, change, withinSeconds } = condition
  const range = new MovingRange(withinSeconds * 1_000)
  return (reading) => {
    const value = readValue(reading, valueName)
    if (typeof value !== 'number') return undefined
    const { up, down } = range.add(reading.ts, value)
    const isUp = direction === 'up' || (direction === 'either' && up >= down)
    const moved = isUp ? up : down
    if (moved < change) return normal
    // without the noise of binary fractions
    const signed = Number((isUp ? moved : -moved).toPrecision(12))
    const unit = unitOfValue(reading.kind, valueName)
    return { is: 'abnormal', finding: { value, valueName, limit: change, change: signed, withinSeconds, unit } }
  }
}
