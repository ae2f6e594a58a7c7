import { Aedes, type AedesOptions } from 'aedes'
import type { BrokerLimits } from '../limits/limits.ts'
import { indexRetained } from '../retained/retained-lookup.ts'
import { limitIncomingQos2 } from '../sessions/qos2-limit.ts'
import { hideSystemTopics } from '../sessions/system-topics.ts'
import type { SessionStore } from './session-store.ts'

/** The handlers that decide about clients and packets for Aedes. */
export type AedesHandlers = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'>
>

/** What is used of Aedes' broker beyond its types; test/dependency-contracts/aedes-contract.test.ts holds it. */
export interface AedesBroker extends Aedes {
  connectedClients: number
  /** clients by id */
  clients: Record<string, { close(done?: () => void): void }>
  /** its memory of sessions and retained messages */
  persistence: SessionStore
}

/** Makes an Aedes broker that stores in memory. It handles no client until {@link setHandlers}. */
export async function createAedes(limits: BrokerLimits): Promise<AedesBroker> {
  const aedes = await Aedes.createBroker({
    // one subscriber that stops reading must not hold up the others (measured: 60 s at the default of 100)
    concurrency: 0,
    connectTimeout: limits.CONNECT_TIMEOUT_S * 1_000,
    drainTimeout: limits.SLOW_CONSUMER_TIMEOUT_S * 1_000,
    maxInflightInbound: limits.MAX_INFLIGHT,
  })
  const { persistence } = aedes as AedesBroker
  hideSystemTopics(persistence)
  indexRetained(persistence)
  limitIncomingQos2(persistence, limits)
  return aedes as AedesBroker
}

/** Sets the handlers of Aedes, which reads each of them anew whenever it needs it. */
export function setHandlers(aedes: AedesBroker, handlers: AedesHandlers): void {
  Object.assign(aedes, handlers)
}

/** Closes Aedes and its clients. */
export function closeAedes(aedes: AedesBroker): Promise<void> {
  return new Promise((resolve) => aedes.close(() => resolve()))
}
