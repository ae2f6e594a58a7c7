import { lighting } from '#telemetry/kinds/lighting/kind.ts'
import { isBurning, judgeLamp, type LampFinding } from '#telemetry/kinds/lighting/lamp.ts'
import { type ConditionCheck, type Finding, normal, withinDeadband } from './condition-check.ts'

/**
 * Checks whether a lamp does what the sun asks for. A lamp found dark is well again when it is seen burning, not when the day
 * comes; one found burning by day when it is seen off.
 */
export function createLampCheck(wrong: Extract<LampFinding, 'lampFailure' | 'lampUnexpectedOn'>): ConditionCheck {
  return (reading, meta) => {
    if (reading.kind !== lighting.id || !meta) return undefined
    const { values } = reading
    if (values.activePower === undefined && values.powerState === undefined) return undefined
    const isWell = isBurning(values, meta) === (wrong === 'lampFailure')
    if (judgeLamp(values, meta, reading.ts) !== wrong) return isWell ? normal : withinDeadband
    const finding: Finding =
      values.activePower === undefined
        ? { value: values.powerState ?? '', valueName: 'powerState', unit: '' }
        : { value: values.activePower, valueName: 'activePower', unit: 'W' }
    return { is: 'abnormal', finding }
  }
}
