import type { BrokerLimits } from './limits.ts'

/** What one client may send on average, and at once. */
export interface Rates {
  /** packets/s */
  messages: number
  /** bytes/s */
  bytes: number
  /** bytes of a packet that it may send even where MAX_PACKET_BYTES is less */
  packetBytes: number
}

/**
 * Largest packet of the platform's own parts: live messages have up to 64 kB, what alerts says of itself up to some 160 kB, and a
 * rule that the api hands on up to 128 kB. MAX_PACKET_BYTES is for what comes from elsewhere and does not cut them.
 */
export const ownPacketBytes = 262_144

/** Roles that speak for many sensors; every other one is a single device. */
const services: ReadonlySet<string> = new Set(['admin', 'ingest', 'alerts', 'api', 'simulators'])

/** Roles whose messages the platform itself makes. */
const ownParts: ReadonlySet<string> = new Set(['ingest', 'alerts', 'api'])

/** Whether a role speaks for many sensors. */
export const isService = (role: string): boolean => services.has(role)

/** Whether a role is one of the platform's own parts, which nobody may shut out: no share is set for them. */
export const isOwnPart = (role: string): boolean => ownParts.has(role)

/** The rates of a role. */
export function ratesOf(role: string, limits: BrokerLimits): Rates {
  const packetBytes = ownParts.has(role) ? ownPacketBytes : 0
  return services.has(role)
    ? { messages: limits.SERVICE_MESSAGES_PER_SECOND, bytes: limits.SERVICE_BYTES_PER_SECOND, packetBytes }
    : { messages: limits.MESSAGES_PER_SECOND, bytes: limits.BYTES_PER_SECOND, packetBytes }
}
