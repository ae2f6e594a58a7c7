import { z } from 'zod'
import { addressSchema } from '#telemetry/config.ts'

/** Settings of the bridge to an outside broker. */
export const bridgeConfig = z.object({
  MQTT_URL: addressSchema('mqtt', 'mqtts', 'ws', 'wss').describe('the broker, as mqtt://host:port'),
  BRIDGE_USERNAME: z.string().optional().describe('user of the bridge at the outside broker'),
  BRIDGE_PASSWORD: z.string().optional().describe('password of the bridge at the outside broker'),
  BRIDGE_CLIENT_ID: z
    .string()
    .min(1)
    .max(64)
    .default('nhip-bridge')
    .describe('client id of the bridge: its session at the outside broker, which keeps readings while it is away'),
  BRIDGE_SHARE_GROUP: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'must be letters, digits, hyphens or underscores')
    .optional()
    .describe('shared subscription, where the outside broker has them: several bridges share the readings'),
})
