import { z } from 'zod'

/** Settings of ingest. */
export const ingestConfig = z.object({
  MQTT_URL: z.string().default('mqtt://127.0.0.1:1883').describe('the broker'),
  INGEST_PASSWORD: z.string().min(16).optional().describe('password of the MQTT user ingest'),
})
