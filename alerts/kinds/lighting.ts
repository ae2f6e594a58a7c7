import { lighting } from '#telemetry/kinds/lighting/kind.ts'
import {
  isBurning,
  judgeLamp,
  type LampFinding,
  powerLimits,
  powerShare,
  reportsFault,
} from '#telemetry/kinds/lighting/lamp.ts'
import { type ConditionCheck, type Finding, normal, withinDeadband } from '../conditions/condition-check.ts'
import type { EvaluatedKind } from './evaluated-kind.ts'

/**
 * Checks whether a lamp does what the sun asks for. A lamp found dark is well again when it is seen burning, not when the day
 * comes; one found burning by day when it is seen off.
 */
function createLampCheck(wrong: Extract<LampFinding, 'lampFailure' | 'lampUnexpectedOn'>): ConditionCheck {
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

/** Checks whether a lamp reports a fault of itself; it is well again when it reports none. */
function createLampFaultCheck(): ConditionCheck {
  return ({ kind, values }) => {
    if (kind !== lighting.id || values.fault === undefined) return undefined
    if (!reportsFault(values)) return normal
    return { is: 'abnormal', finding: { value: values.fault, valueName: 'fault', unit: '' } }
  }
}

/**
 * Checks whether the power of a burning lamp is what nominal power and dimming level ask for. One that is off says nothing: it is
 * well again when it is seen burning with the right power.
 */
function createLampPowerCheck(): ConditionCheck {
  return ({ kind, values, ts }, meta) => {
    if (kind !== lighting.id || !meta || values.activePower === undefined) return undefined
    const share = powerShare(values, meta)
    if (share === undefined || !isBurning(values, meta)) return withinDeadband
    const found = judgeLamp(values, meta, ts)
    if (found === 'lampUnexpectedOn') return withinDeadband
    if (found === undefined) return normal
    const limit = found === 'lampPowerTooHigh' ? powerLimits.high : powerLimits.low
    const asked = values.activePower / share
    const finding: Finding = {
      ...{ value: values.activePower, valueName: 'activePower', unit: 'W' },
      limit: Math.round(limit * asked * 10) / 10,
    }
    return { is: 'abnormal', finding }
  }
}

export const evaluatedLighting: EvaluatedKind<'lighting'> = {
  'lamp-dark': { createCheck: () => createLampCheck('lampFailure') },
  'lamp-burning': { createCheck: () => createLampCheck('lampUnexpectedOn') },
  'lamp-fault': { createCheck: createLampFaultCheck },
  'lamp-power': { createCheck: createLampPowerCheck },
}
