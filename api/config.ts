import { z } from 'zod'
import { portSchema } from '#telemetry/config.ts'

/** Settings of the api. */
export const apiConfig = z.object({
  HOST: z.string().default('127.0.0.1').describe('address of every listener'),
  HTTP_PORT: portSchema.default(8080).describe('port of REST, live feed and dashboard; 0 takes a free one'),
  MAP_STYLE_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('a MapLibre style instead of the sketched map'),
  MQTT_URL: z
    .url({ protocol: /^(mqtts?|wss?)$/ })
    .default('mqtt://127.0.0.1:1883')
    .describe('the broker, as mqtt://host:port'),
  API_PASSWORD: z.string().min(16).optional().describe("password of the broker's user `api`"),
  ADMIN_TOKEN: z.string().min(16).optional().describe('secret of the admin: bearer token of REST and socket.io'),
})
