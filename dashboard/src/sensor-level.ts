import { congestionIndex, congestionOf } from '#telemetry/congestion.ts'
import { judgeLamp, type LampFinding } from '#telemetry/lamp.ts'
import type { Reading } from '#telemetry/reading.ts'
import { freshReading, type SensorMeta, type SensorState } from '#telemetry/sensor.ts'

/** How far a sensor's newest reading is from normal: 0 normal, 1 warning (▲), 2 critical (◆). */
export type Level = 0 | 1 | 2

/** Why a sensor is not normal. `fault` is what a lamp reports of itself. */
export type Cause = 'slow' | 'jammed' | LampFinding | 'fault' | 'pm25' | 'clock'

/** What is not normal about a sensor. */
export interface Finding {
  level: 1 | 2
  cause: Cause
}

/** µg/m³ above which PM2.5 is worth a mark; 50 and 150 are breakpoints of VN_AQI (Decision 1459/QĐ-TCMT). */
export const pm25Limits = { warning: 50, critical: 150 } as const

/**
 * What is wrong with a sensor by the newest of its values that are not stale at `now` (epoch ms); undefined when it is normal or
 * has none.
 */
export function findingOf(
  sensor: Pick<SensorState, 'reading' | 'meta' | 'valueTimes' | 'arrivedAt'>,
  now: number,
): Finding | undefined {
  const { meta } = sensor
  const reading = freshReading(sensor, now)
  if (!reading) return undefined
  switch (reading.kind) {
    case 'traffic':
      return congested(reading, meta)
    case 'lighting': {
      const cause = judgeLamp(reading.values, meta, reading.ts)
      if (cause) return { level: 1, cause }
      return (reading.values.fault ?? 'none') === 'none' ? undefined : { level: 1, cause: 'fault' }
    }
    case 'air-quality': {
      const { pm25 } = reading.values
      if (pm25 === undefined || pm25 <= pm25Limits.warning) return undefined
      return { level: pm25 > pm25Limits.critical ? 2 : 1, cause: 'pm25' }
    }
  }
}

function congested(reading: Reading, meta: SensorMeta | undefined): Finding | undefined {
  const index = congestionIndex(reading, meta)
  const congestion = index === undefined ? 'free' : congestionOf(index)
  return congestion === 'free' ? undefined : { level: congestion === 'slow' ? 1 : 2, cause: congestion }
}
