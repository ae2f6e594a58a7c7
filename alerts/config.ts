import { z } from 'zod'

/** Settings of alerts. */
export const alertsConfig = z.object({
  MQTT_URL: z.string().default('mqtt://127.0.0.1:1883').describe('the broker'),
  ALERTS_PASSWORD: z.string().optional().describe('password of the MQTT user alerts'),
})
