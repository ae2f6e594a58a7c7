import { congestionIndex, congestionOf } from '#telemetry/congestion.ts'
import { judgeLamp } from '#telemetry/lamp.ts'
import type { SensorState } from '#telemetry/sensor.ts'

/** How far a sensor's newest reading is from normal: 0 normal, 1 warning (▲), 2 critical (◆). */
export type Level = 0 | 1 | 2

/** µg/m³ above which PM2.5 is worth a mark; 50 and 150 are breakpoints of VN_AQI (Decision 1459/QĐ-TCMT). */
export const pm25Limits = { warning: 50, critical: 150 } as const

const congestionLevels = { free: 0, slow: 1, jammed: 2 } as const

/** The level of a sensor by its newest reading, whatever its age; a sensor without reading is normal. */
export function sensorLevel({ reading, meta }: Pick<SensorState, 'reading' | 'meta'>): Level {
  if (!reading) return 0
  switch (reading.kind) {
    case 'traffic': {
      const index = congestionIndex(reading, meta)
      return index === undefined ? 0 : congestionLevels[congestionOf(index)]
    }
    case 'lighting': {
      const reported = reading.values.fault !== undefined && reading.values.fault !== 'none'
      return reported || judgeLamp(reading.values, meta, reading.ts) ? 1 : 0
    }
    case 'air-quality': {
      const { pm25 } = reading.values
      if (pm25 === undefined || pm25 <= pm25Limits.warning) return 0
      return pm25 > pm25Limits.critical ? 2 : 1
    }
  }
}
