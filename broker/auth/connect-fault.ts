import type { BrokerFault } from '#telemetry/faults/broker-faults.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import { isText } from '../wire/topic-fault.ts'
import type { ClientRights } from './authorization.ts'
import { authorizePublish } from './authorize-publish.ts'

/** Why a CONNECT is refused, and the return code of its CONNACK (MQTT 3.1.1, table 3.1). */
export interface ConnectFault {
  what: 'client-id' | 'will' | 'sessions' | 'connections' | 'credentials' | 'blocked' | 'sign-ins'
  /** 2 identifier rejected, 3 server unavailable, 4 bad user name or password, 5 not authorized */
  returnCode: 2 | 3 | 4 | 5
  fault: BrokerFault
}

/** The fields of a CONNECT that are checked. */
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

/** What is wrong with the client id of a CONNECT; undefined when nothing is. */
export function clientIdFault({ clientId, clean }: ConnectRequest): ConnectFault | undefined {
  if (clientId === '' && !clean)
    return { what: 'client-id', returnCode: 2, fault: { code: 'NO_CLIENT_ID', params: {} } }
  if (clientId.length > maxClientId || !isText(clientId))
    return { what: 'client-id', returnCode: 2, fault: { code: 'CLIENT_ID_MALFORMED', params: {} } }
  return undefined
}

/** Why a client may not have the will of its CONNECT; undefined when it may, or has none. */
export function willFault(
  { will }: ConnectRequest,
  rights: Pick<ClientRights, 'mayPublish'>,
  limits: BrokerLimits,
): ConnectFault | undefined {
  const decision = will && authorizePublish(will.topic, rights, limits)
  if (!decision || decision.allowed) return undefined
  return { what: 'will', returnCode: 5, fault: decision.fault }
}

/**
 * The keep-alive that a client is held to, s: its own, at most KEEPALIVE_MAX_S, which is also that of a client without one
 * (0). MQTT 3.1.1 cannot announce another one to a client, so none is refused for it.
 */
export function limitKeepalive(asked: number, { KEEPALIVE_MAX_S }: Pick<BrokerLimits, 'KEEPALIVE_MAX_S'>): number {
  return asked === 0 ? KEEPALIVE_MAX_S : Math.min(asked, KEEPALIVE_MAX_S)
}
