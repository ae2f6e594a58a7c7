import { z } from 'zod'
import { addressSchema } from '#telemetry/config.ts'
import { timeZoneSetting } from '#telemetry/time-zone.ts'

/** A name in any script. */
const printable = z.string().regex(/^\P{C}{1,255}$/u, 'must be 1 to 255 characters without control characters')

/** Settings of the store. */
export const storageConfig = z.object({
  STORE: z
    .enum(['duckdb', 'influxdb'])
    .default('duckdb')
    .describe('where readings live: duckdb, a file under DATA_DIR, or influxdb with INFLUX_URL'),
  INFLUX_URL: addressSchema('http', 'https').optional().describe('InfluxDB, as http://host:8086, for STORE=influxdb'),
  INFLUX_TOKEN: z
    .string()
    .trim()
    .regex(/^[\x21-\x7e]+$/, 'must be one line without spaces')
    .optional()
    .describe('token of InfluxDB 2.x; none for 1.x'),
  INFLUX_ORG: printable.optional().describe('organisation of InfluxDB 2.x, by name or id'),
  INFLUX_BUCKET: printable
    .default('nhip')
    .describe('bucket of InfluxDB 2.x, by name or id, or database of 1.x (made when missing)'),
  RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(36_500)
    .refine((days) => days === 0 || days >= 31, 'must be 0 or at least 31')
    .default(730)
    .describe('days that readings, alerts and their like are kept, at least 31; 0 keeps them for ever'),
  ROLL_UP_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(36_500)
    .default(0)
    .describe(
      'days that roll-ups, the sums of readings per sensor, hour and day, are kept, no less than readings; 0 keeps them for ever',
    ),
  TIME_ZONE: timeZoneSetting,
})
export type StorageConfig = z.infer<typeof storageConfig>
