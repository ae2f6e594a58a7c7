import type { Condition } from '#telemetry/alert-condition.ts'
import { type ConditionCheck, type Finding, normal, readValue, unitOfValue, withinDeadband } from './condition-check.ts'

/**
 * Checks a value against a level that the sensor itself has told in its meta; `hysteresis` is the deadband. A sensor that has not
 * told the level is not watched.
 */
export function createOwnLevelCheck(condition: Extract<Condition, { type: 'own-level' }>): ConditionCheck {
  const { value: valueName, level, side, hysteresis } = condition
  const turn = side === 'above' ? 1 : -1
  return (reading, meta) => {
    const value = readValue(reading, valueName)
    const limit = new Map<string, unknown>(Object.entries(meta ?? {})).get(level)
    if (typeof value !== 'number' || typeof limit !== 'number') return undefined
    const beyond = turn * (value - limit)
    const finding: Finding = { value, valueName, limit, unit: unitOfValue(reading.kind, valueName) }
    if (beyond >= 0) return { is: 'abnormal', finding }
    return beyond > -hysteresis ? withinDeadband : normal
  }
}
