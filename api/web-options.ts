import type { z } from 'zod'
import type { apiConfig } from './config.ts'

/** How the api meets browsers. */
export interface WebOptions {
  /** a MapLibre style instead of the sketched map */
  mapStyleUrl: string | undefined
  /** origins besides our own from which the map may draw */
  mapOrigins: readonly string[]
  /** address under which browsers reach the api, when it is not the one it listens on */
  publicUrl: string | undefined
  /** further names under which the api is asked for, as in the `Host` header */
  allowedHosts: readonly string[]
  /** addresses of proxies whose word on the caller counts */
  trustProxy: string | undefined
  /** requests a minute of one person, key or address */
  requestsPerMinute: number
  /** zone of the city's days and hours, of the IANA database */
  timeZone: string
}

/** What the settings say of it. */
export function webOptionsOf(config: Omit<z.infer<typeof apiConfig>, 'MQTT_URL'>): WebOptions {
  const { MAP_STYLE_URL: mapStyleUrl, MAP_ORIGINS = [] } = config
  return {
    mapStyleUrl,
    mapOrigins: mapStyleUrl === undefined ? [] : [new URL(mapStyleUrl).origin, ...MAP_ORIGINS],
    publicUrl: config.PUBLIC_URL,
    allowedHosts: config.ALLOWED_HOSTS ?? [],
    trustProxy: config.TRUST_PROXY,
    requestsPerMinute: config.REQUESTS_PER_MINUTE,
    timeZone: config.TIME_ZONE,
  }
}
