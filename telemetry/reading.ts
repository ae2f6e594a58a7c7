import { z } from 'zod'
import { airQualityValues } from './air-quality.ts'
import { lightingValues } from './lighting.ts'
import { trafficValues } from './traffic.ts'

/** Lower-case letters, digits and hyphens: safe in a topic, a URL, a tag and a file name. */
export const idSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, 'must be 1 to 64 lower-case letters, digits or inner hyphens')

/** epoch milliseconds, UTC; from 2000-01-01 to 2100-01-01 */
export const timestampSchema = z.number().int().min(946_684_800_000).max(4_102_444_800_000)

/** ms that a reading may be measured ahead of its arrival; further ahead the sensor's clock is wrong */
export const maxClockAheadMs = 5 * 60_000

const identity = {
  district: idSchema,
  /** unique on the platform */
  sensor: idSchema,
  /** time of measuring, epoch milliseconds UTC */
  ts: timestampSchema,
  /** counts up per sensor from its start-up */
  seq: z.number().int().min(0).optional(),
  /** ms that `ts` lay ahead of the reading's arrival, where that was more than {@link maxClockAheadMs}: the sensor's clock is wrong */
  aheadMs: z.number().int().positive().optional(),
}

/** One measurement of one sensor, validated. Identified by (sensor, ts). */
export const readingSchema = z.discriminatedUnion('kind', [
  z.object({ ...identity, kind: z.literal('traffic'), values: trafficValues }),
  z.object({ ...identity, kind: z.literal('lighting'), values: lightingValues }),
  z.object({ ...identity, kind: z.literal('air-quality'), values: airQualityValues }),
])

export type Reading = z.infer<typeof readingSchema>

/**
 * The newest of every value of a sensor, as one reading with the time of the newest. `valueTimes` holds the time of measuring
 * (epoch ms) of each value that is older than that; absent when none is.
 */
export type NewestReading = Reading & { valueTimes?: Readonly<Record<string, number>> }

/** A value of a reading: a number, or one of a few words (`powerState`, `fault`). */
export type Value = number | string
