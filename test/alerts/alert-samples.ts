import type { Condition } from '#telemetry/alert-condition.ts'
import type { AlertRule } from '#telemetry/alert-rule.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'

/** 12:00 in Tây Ninh: the sun is high */
export const noon = Date.UTC(2026, 10, 25, 5)
/** 00:00 in Tây Ninh */
export const midnight = Date.UTC(2026, 10, 25, 17)
export const minuteMs = 60_000

export const meta: SensorMeta = {
  name: { vi: 'Mẫu', en: 'Sample' },
  position: [106.0985, 11.3096],
  ward: 'tan-ninh',
  period: 60,
  freeFlowSpeed: 50,
  nominalPower: 100,
}

const identity = { district: 'tay-ninh', sensor: 'sample-1' }

export const air = (ts: number, pm25: number): Reading => ({ ...identity, kind: 'air-quality', ts, values: { pm25 } })
export const lamp = (ts: number, activePower: number, sensor = 'sample-1'): Reading => ({
  ...{ ...identity, sensor, kind: 'lighting', ts },
  values: { powerState: activePower > 5 ? 'on' : 'off', activePower, voltage: 230 },
})
export const traffic = (ts: number, averageVehicleSpeed: number): Reading => ({
  ...{ ...identity, kind: 'traffic', ts },
  values: { intensity: 1, averageVehicleSpeed },
})

/** A rule about every sensor of a kind. */
export function ruleOf(condition: Condition, kind: Kind, given: Partial<AlertRule> = {}): AlertRule {
  return {
    ...{ id: 'sample-rule', name: { vi: 'Luật mẫu', en: 'Sample rule' }, enabled: true, priority: 2 },
    ...{ scope: { kind }, condition, notify: 'by-priority', version: 1, changedBy: 'system', changedAt: noon },
    ...given,
  }
}
