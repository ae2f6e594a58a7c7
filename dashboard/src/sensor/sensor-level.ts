import { type KindCause, kindOf } from '#telemetry/kinds.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import { freshReading } from '#telemetry/staleness.ts'

/** How far a sensor's newest reading is from normal: 0 normal, 1 warning (▲), 2 critical (◆). */
export type Level = 0 | 1 | 2

/** Why a sensor is not normal. */
export type Cause = KindCause | 'clock'

/** What is not normal about a sensor. */
export interface Finding {
  level: 1 | 2
  cause: Cause
}

/**
 * What is wrong with a sensor by the newest of its values that are not stale at `now` (epoch ms); undefined when it is normal or
 * has none. `risen`: how far the value has risen that its kind asks about.
 */
export function findingOf(
  sensor: Pick<SensorState, 'reading' | 'meta' | 'valueTimes' | 'arrivedAt'>,
  now: number,
  risen?: number,
): Finding | undefined {
  const { meta } = sensor
  const reading = freshReading(sensor, now)
  return reading && kindOf(reading.kind).finding(reading.values, meta, reading.ts, risen)
}
