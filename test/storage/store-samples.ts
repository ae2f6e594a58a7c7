import type { StoredEvent } from '#storage/store.ts'
import type { Reading } from '#telemetry/reading.ts'

/** ms */
export const minute = 60_000
/** ms */
export const day = 86_400_000
/** midnight UTC, epoch ms */
export const start = Date.UTC(2026, 10, 20)

/** A reading of an air-quality station. */
export function air(sensor: string, ts: number, pm25: number, district = 'tay-ninh'): Reading {
  return { district, sensor, ts, kind: 'air-quality', values: { pm25 } }
}

/** A reading of an air-quality station that holds these values. */
export function airOf(
  sensor: string,
  ts: number,
  values: Extract<Reading, { kind: 'air-quality' }>['values'],
): Extract<Reading, { kind: 'air-quality' }> {
  return { district: 'tay-ninh', sensor, ts, kind: 'air-quality', values }
}

/** A reading of a street lamp. */
export function lamp(sensor: string, ts: number, powerState: 'on' | 'off' | 'low'): Reading {
  return { district: 'hoa-thanh', sensor, ts, kind: 'lighting', values: { powerState, activePower: 12 } }
}

/** A reading of a traffic counter. */
export function counter(sensor: string, ts: number, intensity: number): Extract<Reading, { kind: 'traffic' }> {
  return { district: 'tay-ninh', sensor, ts, seq: 7, kind: 'traffic', values: { intensity } }
}

/** An event of the stream `alert`. */
export function alert(id: string, ts: number, body: unknown = { id }): StoredEvent {
  return { stream: 'alert', id, ts, body }
}

/** The span of every sample, and no limit that matters. */
export const everything = { from: start - 365 * day, to: start + 365 * day, limit: 100_000 }
/** Asks for the PM2.5 of one station. */
export const pm25Of = (sensor: string) => ({ kind: 'air-quality', sensor, value: 'pm25', ...everything }) as const
