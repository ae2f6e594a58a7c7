import type { AuthenticateError } from 'aedes'
import { sayBrokerFault } from '#telemetry/faults/broker-words.ts'
import type { ConnectedClient } from '../aedes/aedes-client.ts'
import type { BrokerConnections } from '../connection/connections.ts'
import type { RateLimitedLog } from '../diagnostics/log-rate-limit.ts'
import { nearestTopic } from '../diagnostics/nearest-topic.ts'
import type { Refusals } from '../diagnostics/refusals.ts'
import { plain, shown, shownUser } from '../diagnostics/safe-text.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import type { Identity } from './authorization.ts'
import type { ConnectFault, ConnectRequest } from './connect-fault.ts'

/** ms between two logged refusals of clients that are refused unchecked: it must stay cheap */
const logBlockedEveryMs = 1_000

interface RefuseConnectOptions {
  metrics: Pick<BrokerMetrics, 'refused'>
  clientLog: Pick<RateLimitedLog, 'warn'>
  connections: Pick<BrokerConnections, 'peerOf'>
  refusals: Pick<Refusals, 'add'>
}

/** A CONNECT that is refused. */
export interface RefusedConnect {
  fault: ConnectFault
  client: ConnectedClient
  packet: ConnectRequest
  /** whether there is such a user */
  isKnown: boolean
  /** of the client, if its secret was right */
  identity: Identity | undefined
}

/** Makes what counts, logs and records a refused CONNECT; it answers the error for Aedes, with the return code of the CONNACK. */
export function connectRefuser({ metrics, clientLog, connections, refusals }: RefuseConnectOptions) {
  let loggedAt = Number.NEGATIVE_INFINITY
  return ({ fault, client, packet, isKnown, identity }: RefusedConnect): AuthenticateError => {
    const { what, returnCode, fault: reason } = fault
    const message = `${what === 'will' ? 'the will: ' : ''}${sayBrokerFault('en', reason)}`
    const user = identity?.user ?? packet.username
    const topic = what === 'will' ? packet.will?.topic : undefined
    const nearest = topic !== undefined && identity ? nearestTopic(identity, 'publish', topic) : undefined
    const { address } = connections.peerOf(client)
    refusals.add({ code: what, fault: reason, address, client: client.id, user, isKnown, topic, nearest })
    metrics.refused.inc({ what })
    const now = performance.now()
    if (what !== 'blocked' || now - loggedAt > logBlockedEveryMs) {
      if (what === 'blocked') loggedAt = now
      const username = shownUser(user, isKnown)
      const details = { client: plain(client.id, shown.id), username, address, topic }
      clientLog.warn(isKnown ? username : address, details, `refused: ${message}`)
    }
    return Object.assign(new Error(message), { returnCode })
  }
}
