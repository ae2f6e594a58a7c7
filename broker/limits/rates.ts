import type { BrokerLimits } from './limits.ts'

/** What one client may send on average. */
export interface Rates {
  /** packets/s */
  messages: number
  /** bytes/s */
  bytes: number
}

/** Roles that speak for many sensors; every other one is a single device. */
const services: ReadonlySet<string> = new Set(['admin', 'ingest', 'alerts', 'api', 'simulators'])

/** The rates of a role. */
export function ratesOf(role: string, limits: BrokerLimits): Rates {
  return services.has(role)
    ? { messages: limits.SERVICE_MESSAGES_PER_SECOND, bytes: limits.SERVICE_BYTES_PER_SECOND }
    : { messages: limits.MESSAGES_PER_SECOND, bytes: limits.BYTES_PER_SECOND }
}
