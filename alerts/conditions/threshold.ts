import type { Condition } from '#telemetry/alert-condition.ts'
import { lighting } from '#telemetry/kinds/lighting/kind.ts'
import { isBurning, judgeLamp, type LampFinding } from '#telemetry/kinds/lighting/lamp.ts'
import { congestionIndex } from '#telemetry/kinds/traffic/congestion.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { Unit } from '#telemetry/units.ts'
import { givenUnit, valueInfo } from '#telemetry/values.ts'
import { type CheckResult, type ConditionCheck, type Finding, valueIn } from '../evaluators/evaluator.ts'

type Of<Type extends Condition['type']> = Extract<Condition, { type: Type }>

const back: CheckResult = { is: 'back' }
const between: CheckResult = { is: 'between' }

/** Unit in which a value is measured; a share is measured as 0 to 1. */
export function unitOf(kind: Kind, name: string): Unit {
  const info = valueInfo(kind, name)
  return info === undefined ? '' : givenUnit(info).unit
}

/** A value against its limits. */
export function createThresholdCheck({ value: valueName, above, below, hysteresis }: Of<'threshold'>): ConditionCheck {
  return (reading) => {
    const value = valueIn(reading, valueName)
    if (typeof value !== 'number') return undefined
    const finding = (limit: number): Finding => ({ value, valueName, limit, unit: unitOf(reading.kind, valueName) })
    if (above !== undefined && value > above) return { is: 'beyond', finding: finding(above) }
    if (below !== undefined && value < below) return { is: 'beyond', finding: finding(below) }
    const nearAbove = above !== undefined && value > above - hysteresis
    const nearBelow = below !== undefined && value < below + hysteresis
    return nearAbove || nearBelow ? between : back
  }
}

/** Free-flow speed over measured speed. */
export function createCongestionCheck({ index: limit, hysteresis }: Of<'congestion'>): ConditionCheck {
  return (reading, meta) => {
    const index = congestionIndex(reading.values, meta)
    if (index === undefined) return undefined
    // a standstill is an index without end, which JSON cannot say
    const value = Math.min(100, Math.round(index * 100) / 100)
    if (index >= limit) return { is: 'beyond', finding: { value, limit, unit: '' } }
    return index >= limit - hysteresis ? between : back
  }
}

/**
 * What a lamp does against what the sun asks for. A lamp found dark is well again when it is seen burning, not when the day
 * comes; one found burning by day when it is seen off.
 */
export function createLampCheck(wrong: Extract<LampFinding, 'lampFailure' | 'lampUnexpectedOn'>): ConditionCheck {
  return (reading, meta) => {
    if (reading.kind !== lighting.id || !meta) return undefined
    const { values } = reading
    if (values.activePower === undefined && values.powerState === undefined) return undefined
    const isWell = isBurning(values, meta) === (wrong === 'lampFailure')
    if (judgeLamp(values, meta, reading.ts) !== wrong) return isWell ? back : between
    const finding: Finding =
      values.activePower === undefined
        ? { value: values.powerState ?? '', valueName: 'powerState', unit: '' }
        : { value: values.activePower, valueName: 'activePower', unit: 'W' }
    return { is: 'beyond', finding }
  }
}
