import type { BrokerLimits } from '../limits/limits.ts'
import { isText, topicFault } from '../wire/topic-fault.ts'

/** Why a CONNECT is refused, and the return code of its CONNACK (MQTT 3.1.1, table 3.1). */
export interface ConnectFault {
  what: 'client-id' | 'will' | 'sessions' | 'connections' | 'credentials' | 'blocked' | 'sign-ins'
  /** 2 identifier rejected, 3 server unavailable, 4 bad user name or password, 5 not authorized */
  returnCode: 2 | 3 | 4 | 5
  message: string
}

/** What is looked at of a CONNECT. */
export interface ConnectRequest {
  clientId: string
  clean?: boolean
  /** s; 0 and what is longer than KEEPALIVE_MAX_S count as that */
  keepalive?: number
  will?: { topic: string; payload: Buffer | string } | undefined
  username?: string | undefined
  password?: Buffer | undefined
}

/** most characters of a client id */
const maxClientId = 256

/** What is wrong with a CONNECT apart from its credentials, undefined when nothing is. */
export function connectFault(packet: ConnectRequest, limits: BrokerLimits): ConnectFault | undefined {
  const { clientId, clean, will } = packet
  if (clientId === '' && !clean)
    return { what: 'client-id', returnCode: 2, message: 'no client id, but a session to keep' }
  if (clientId.length > maxClientId || !isText(clientId))
    return { what: 'client-id', returnCode: 2, message: 'the client id is too long or not UTF-8' }
  if (!will) return undefined
  const fault = /[#+]/.test(will.topic) ? 'a topic may not have wildcards' : topicFault(will.topic, limits)
  return fault ? { what: 'will', returnCode: 5, message: `the will: ${fault}` } : undefined
}

/**
 * The keep-alive that a client is held to, s: its own, at most KEEPALIVE_MAX_S, which is also that of a client without one
 * (0). A client of 3.1.1 cannot be told of another, so none is refused for it.
 */
export function limitKeepalive(asked: number, { KEEPALIVE_MAX_S }: Pick<BrokerLimits, 'KEEPALIVE_MAX_S'>): number {
  return asked === 0 ? KEEPALIVE_MAX_S : Math.min(asked, KEEPALIVE_MAX_S)
}
