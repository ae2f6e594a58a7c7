import type { Condition } from '#telemetry/alert-condition.ts'
import { congestionIndex } from '#telemetry/kinds/traffic/congestion.ts'
import { type ConditionCheck, normal, withinDeadband } from '../conditions/condition-check.ts'
import type { EvaluatedKind } from './evaluated-kind.ts'

/** Checks how congested a road is: free-flow speed over measured speed; `hysteresis` is the deadband. */
function createCongestionCheck({
  index: limit,
  hysteresis,
}: Extract<Condition, { type: 'congestion' }>): ConditionCheck {
  return (reading, meta) => {
    const index = congestionIndex(reading.values, meta)
    if (index === undefined) return undefined
    // a standstill is an index without end, which JSON cannot say
    const value = Math.min(100, Math.round(index * 100) / 100)
    if (index >= limit) return { is: 'abnormal', finding: { value, limit, unit: '' } }
    return index >= limit - hysteresis ? withinDeadband : normal
  }
}

export const evaluatedTraffic: EvaluatedKind<'traffic'> = { congestion: { createCheck: createCongestionCheck } }
