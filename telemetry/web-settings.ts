import { z } from 'zod'
import { addressSchema, portSchema } from './config.ts'

/** Whether an address names nothing below its host. */
function isBare(address: string): boolean {
  if (!URL.canParse(address)) return true // said already
  const { pathname, search, hash, username } = new URL(address)
  return pathname === '/' && search === '' && hash === '' && username === ''
}

/** By which names browsers know the platform, for all that answers HTTP. */
export const webSettings = {
  HTTP_PORT: portSchema.default(8080).describe('port of REST, live feed and dashboard; 0 takes a free one'),
  PUBLIC_URL: addressSchema('http', 'https')
    .refine(
      isBare,
      'must be scheme, host and port alone, as https://nhip.example: a path before the dashboard is not served',
    )
    .optional()
    .describe(
      'address under which browsers reach the api, when a proxy stands in front of it; https makes cookies Secure',
    ),
  ALLOWED_HOSTS: z
    .string()
    .transform((text) => text.split(/[ ,]+/).filter((part) => part !== ''))
    .optional()
    .describe(
      "further names under which all that speaks HTTP here may be asked for, separated by commas; IP addresses, localhost, this machine's name and that of PUBLIC_URL always may",
    ),
}
