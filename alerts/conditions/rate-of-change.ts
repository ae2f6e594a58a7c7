import type { Condition } from '#telemetry/alert-condition.ts'
import { type ConditionCheck, normal, readValue, unitOfValue } from './condition-check.ts'

/** parts that the time window is cut into: of each the smallest and the largest value are held, so memory has a bound */
const parts = 32

interface Part {
  number: number
  min: number
  max: number
}

/**
 * Checks the rate of change: how far a value has moved within a time window, up from the smallest and down from the largest value
 * before. The window is cut into 32 parts, so it is exact to one of them.
 */
export function createRateCheck(condition: Extract<Condition, { type: 'rate' }>): ConditionCheck {
  const { value: valueName, direction, change, withinSeconds } = condition
  const partMs = (withinSeconds * 1_000) / parts
  let held: Part[] = []
  return (reading) => {
    const value = readValue(reading, valueName)
    if (typeof value !== 'number') return undefined
    const number = Math.floor(reading.ts / partMs)
    held = held.filter((part) => part.number > number - parts)
    const up = value - Math.min(value, ...held.map(({ min }) => min))
    const down = Math.max(value, ...held.map(({ max }) => max)) - value
    const newest = held.at(-1)
    if (newest?.number === number) {
      newest.min = Math.min(newest.min, value)
      newest.max = Math.max(newest.max, value)
    } else held.push({ number, min: value, max: value })
    const moved = direction === 'up' ? up : direction === 'down' ? down : Math.max(up, down)
    if (moved < change) return normal
    return { is: 'abnormal', finding: { value, valueName, limit: change, unit: unitOfValue(reading.kind, valueName) } }
  }
}
