import type { Condition } from '#telemetry/alert-condition.ts'
import { type ConditionCheck, type Finding, normal, readValue, unitOfValue, withinDeadband } from './condition-check.ts'

/** Checks a value against its limits; `hysteresis` is the deadband. */
export function createThresholdCheck({
  value: valueName,
  above,
  below,
  hysteresis,
}: Extract<Condition, { type: 'threshold' }>): ConditionCheck {
  return (reading) => {
    const value = readValue(reading, valueName)
    if (typeof value !== 'number') return undefined
    const finding = (limit: number): Finding => ({
      value,
      valueName,
      limit,
      unit: unitOfValue(reading.kind, valueName),
    })
    if (above !== undefined && value > above) return { is: 'abnormal', finding: finding(above) }
    if (below !== undefined && value < below) return { is: 'abnormal', finding: finding(below) }
    const nearAbove = above !== undefined && value > above - hysteresis
    const nearBelow = below !== undefined && value < below + hysteresis
    return nearAbove || nearBelow ? withinDeadband : normal
  }
}
