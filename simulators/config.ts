import { z } from 'zod'

/** Settings of the simulated city. */
export const simulatorsConfig = z.object({
  SENSORS: z.coerce
    .number()
    .int()
    .min(0)
    .max(5_000)
    .default(200)
    .describe('simulated sensors; 0 switches the simulated city off'),
  SAMPLE_SENSORS: z
    .enum(['true', 'false'])
    .default('true')
    .describe('whether kinds that come on top of SENSORS, such as a dozen gauges on the waterways, are simulated too'),
  SEED: z.coerce
    .number()
    .int()
    .min(0)
    .max(2_147_483_647)
    .default(1)
    .describe('seed of the simulated city: the same seed gives the same city'),
  BACKFILL_DAYS: z.coerce.number().int().min(0).max(365).default(7).describe('days of history given to an empty store'),
  DEAF_LAMPS: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(0.02)
    .describe('share of the simulated lamps that answer no command, 0 to 1'),
  LEDGER: z
    .string()
    .optional()
    .describe('file to which simulated sensors write what they sent and what was acknowledged, for an audit'),
  MQTT_URL: z.string().default('mqtt://127.0.0.1:1883').describe('the broker'),
  SIMULATORS_PASSWORD: z.string().min(16).optional().describe('password of the MQTT user simulators'),
})
