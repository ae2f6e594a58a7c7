import { z } from 'zod'
import { addressSchema } from '#telemetry/config.ts'
import { figureSettingsShape } from '#telemetry/figures/figure-settings.ts'
import { timeZoneSetting } from '#telemetry/time-zone.ts'
import { webSettings } from '#telemetry/web-settings.ts'
import { clientAddressReader } from './server/client-address.ts'
import { openIdConfig } from './sign-in/openid-options.ts'

function isProxyList(text: string): boolean {
  try {
    clientAddressReader(text)
    return true
  } catch {
    return false // the library throws for what is no address
  }
}

/** Settings of the api. */
export const apiConfig = z.object({
  HOST: z.string().default('127.0.0.1').describe('address of every listener'),
  ...webSettings,
  MAP_TILES: z
    .string()
    .optional()
    .describe('file of the base map, PMTiles in Protomaps’ schema; map.pmtiles in DATA_DIR when missing'),
  MAP_STYLE_URL: addressSchema('http', 'https').optional().describe('a MapLibre style instead of the sketched map'),
  MAP_ORIGINS: z
    .string()
    .transform((text) => text.split(/[ ,]+/).filter((part) => part !== ''))
    .pipe(z.array(addressSchema('http', 'https').transform((url) => new URL(url).origin)))
    .optional()
    .describe('further origins from which that style draws tiles, fonts and pictures, separated by blanks'),
  TIME_ZONE: timeZoneSetting,
  CORRECTIONS_NEED_CONFIRMATION: z
    .enum(['true', 'false'])
    .default('false')
    .describe('whether a correction of readings counts only once a second person has confirmed it'),
  ...figureSettingsShape,
  TRUST_PROXY: z
    .string()
    .refine(isProxyList, 'must be addresses or networks, separated by commas')
    .optional()
    .describe('addresses of proxies whose X-Forwarded-For counts, as 10.0.0.7 or 10.0.0.0/8, separated by commas'),
  REQUESTS_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(3_000)
    .describe(
      'requests a minute of one person or key, and of one address where nobody is signed in; more are answered 429',
    ),
  MQTT_URL: addressSchema('mqtt', 'mqtts', 'ws', 'wss')
    .default('mqtt://127.0.0.1:1883')
    .describe('the broker, as mqtt://host:port'),
  API_PASSWORD: z.string().min(16).optional().describe("password of the broker's user `api`"),
  ADMIN_TOKEN: z.string().min(16).optional().describe('secret of the admin: bearer token of REST and socket.io'),
  ...openIdConfig.shape,
})
