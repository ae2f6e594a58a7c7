import type { Condition } from '#telemetry/alert-condition.ts'
import type { GeneralCause } from '#telemetry/conditions/conditions.ts'
import type { EvaluatedCondition } from './evaluated-condition.ts'
import { createOwnLevelCheck } from './own-level.ts'
import { createRateCheck } from './rate-of-change.ts'
import { createStuckCheck } from './stuck-value.ts'
import { createThresholdCheck } from './threshold.ts'

/** Conditions that readings alone do not tell: they need a clock, or the neighbours. */
export type MonitoredCause = 'silence' | 'group' | 'clock'

/** How the conditions for sensors of every kind are evaluated from readings. */
export const generalConditions: {
  readonly [Type in Exclude<GeneralCause, MonitoredCause>]: EvaluatedCondition<Extract<Condition, { type: Type }>>
} = {
  threshold: { createCheck: createThresholdCheck },
  'own-level': { createCheck: createOwnLevelCheck },
  rate: { createCheck: createRateCheck, memoryMs: ({ withinSeconds }) => withinSeconds * 1_000 },
  stuck: { createCheck: createStuckCheck },
}
