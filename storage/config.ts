import { z } from 'zod'
import { addressSchema } from '#telemetry/config.ts'

/** Settings of the store. */
export const storageConfig = z.object({
  STORE: z
    .enum(['duckdb', 'influxdb'])
    .default('duckdb')
    .describe('where readings live: duckdb, a file under DATA_DIR, or influxdb with INFLUX_URL'),
  INFLUX_URL: addressSchema('http', 'https').optional().describe('InfluxDB, as http://host:8086, for STORE=influxdb'),
  INFLUX_TOKEN: z.string().optional().describe('token of InfluxDB 2.x; none for 1.x'),
  INFLUX_ORG: z.string().optional().describe('organisation of InfluxDB 2.x'),
  INFLUX_BUCKET: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, hyphens or underscores')
    .default('nhip')
    .describe('bucket of InfluxDB 2.x, database of 1.x (made when missing)'),
  RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(36_500)
    .refine((days) => days === 0 || days >= 31, 'must be 0 or at least 31')
    .default(3_650)
    .describe('days that readings, alerts and their like are kept, at least 31; 0 keeps them for ever'),
})
export type StorageConfig = z.infer<typeof storageConfig>
