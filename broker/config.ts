import { z } from 'zod'
import { portSchema } from '#telemetry/config.ts'

/** Settings of the broker. */
export const brokerConfig = z.object({
  HOST: z.string().default('127.0.0.1').describe('address of every listener'),
  MQTT_PORT: portSchema.default(1883).describe('port of MQTT over TCP; 0 takes a free one'),
  MQTT_WS_PORT: portSchema.default(8083).describe('port of MQTT over WebSocket; 0 takes a free one'),
  MAX_PACKET_BYTES: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(16_777_216)
    .default(262_144)
    .describe('largest MQTT packet a client may send, bytes'),
})
