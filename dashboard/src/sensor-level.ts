import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta, SensorState } from '#telemetry/sensor.ts'

/** How far a sensor's newest reading is from normal: 0 normal, 1 warning (▲), 2 critical (◆). */
export type Level = 0 | 1 | 2

/** Free-flow speed over measured speed from which traffic is slow, and jammed (TomTom's and HERE's ratio). */
export const congestionLimits = { slow: 1.25, jammed: 2 } as const

/** µg/m³ above which PM2.5 is worth a mark; 50 and 150 are breakpoints of VN_AQI (Decision 1459/QĐ-TCMT). */
export const pm25Limits = { warning: 50, critical: 150 } as const

/** Free-flow speed / measured speed; Infinity at a standstill; undefined when either speed is not known. */
export function congestionIndex(reading: Reading | undefined, meta: SensorMeta | undefined): number | undefined {
  if (reading?.kind !== 'traffic' || meta?.freeFlowSpeed === undefined) return undefined
  const speed = reading.values.averageVehicleSpeed
  return speed === undefined ? undefined : meta.freeFlowSpeed / speed
}

/** The level of a sensor by its newest reading, whatever its age; a sensor without reading is normal. */
export function sensorLevel(state: Pick<SensorState, 'reading' | 'meta'>): Level {
  const { reading } = state
  if (!reading) return 0
  switch (reading.kind) {
    case 'traffic':
      return above(congestionIndex(reading, state.meta), congestionLimits.slow, congestionLimits.jammed)
    case 'lighting':
      return reading.values.fault !== undefined && reading.values.fault !== 'none' ? 1 : 0
    case 'air-quality': {
      const { pm25 } = reading.values
      if (pm25 === undefined || pm25 <= pm25Limits.warning) return 0
      return pm25 > pm25Limits.critical ? 2 : 1
    }
  }
}

function above(index: number | undefined, warning: number, critical: number): Level {
  if (index === undefined || index < warning) return 0
  return index >= critical ? 2 : 1
}
