import type { Client } from 'aedes'
import type { Logger } from 'pino'
import type { RefusalCode } from '#telemetry/diagnostics.ts'
import type { BrokerFault } from '#telemetry/faults/broker-faults.ts'
import { sayBrokerFault } from '#telemetry/faults/broker-words.ts'
import { aedesClient } from '../aedes/aedes-client.ts'
import type { AuthenticatedClients } from '../auth/authenticated-clients.ts'
import type { BrokerConnections } from '../connection/connections.ts'
import { TokenBucket } from '../limits/token-bucket.ts'
import type { RateLimitedLog } from './log-rate-limit.ts'
import { nearestTopic } from './nearest-topic.ts'
import type { Refusals } from './refusals.ts'
import { plain, shown } from './safe-text.ts'

/** Tells which topics were refused to whom. */
export interface ForbiddenTopics {
  /** a publish to a topic that is malformed, or not the client's */
  publish(client: Client, topic: string, why: Forbidden<'topic' | 'publish'>): void
  /** a filter that is not the client's, malformed, or one too many for the bound `full` */
  subscribe(client: Client, filter: string, full?: string): void
}

/** What is refused, and why. */
interface Forbidden<Code extends RefusalCode> {
  code: Code
  fault: BrokerFault
}

interface Parts {
  refusals: Pick<Refusals, 'add'>
  clients: Pick<AuthenticatedClients, 'identityOf'>
  connections: Pick<BrokerConnections, 'peerOf'>
  log: Logger
  /** logs what clients do wrong */
  clientLog: Pick<RateLimitedLog, 'warn'>
}

/** ms between two logged filters: a client that is refused them stays connected and may send many */
const logFiltersEveryMs = 1_000
/** refused filters of a client that are remembered, a second and at once: a packet may have very many */
const notedPerSecond = 5
const notedAtOnce = 50

/** Makes what tells them, in the log and for the page about devices, with client id, user name and the right topic. */
export function forbiddenTopics({ refusals, clients, connections, log, clientLog }: Parts): ForbiddenTopics {
  let loggedAt = Number.NEGATIVE_INFINITY
  const budgets = new WeakMap<Client, TokenBucket>()
  const record = (client: Client, { code, fault }: Forbidden<'publish' | 'topic' | 'subscribe'>, asked: string) => {
    const identity = clients.identityOf(client)
    const { address } = connections.peerOf(aedesClient(client))
    const way = code === 'subscribe' ? 'subscribe' : 'publish'
    const nearest = identity && nearestTopic(identity, way, asked)
    const { user, role } = identity ?? {}
    const isKnown = identity !== undefined
    refusals.add({ code, fault, address, client: client.id, user, isKnown, topic: asked, nearest })
    return { client: plain(client.id, shown.id), username: user, role, topic: plain(asked, shown.topic), nearest }
  }
  return {
    publish(client, topic, why) {
      const details = record(client, why, topic)
      clientLog.warn(details.username ?? '', details, `refused: ${sayBrokerFault('en', why.fault)}`)
    },
    subscribe(client, filter, full) {
      const now = performance.now()
      const budget = budgets.get(client) ?? new TokenBucket(notedPerSecond, notedAtOnce, now)
      budgets.set(client, budget)
      if (!budget.tryConsume(now)) return
      const fault: BrokerFault = full
        ? { code: 'TOO_MANY_FILTERS', params: { setting: full } }
        : { code: 'NO_RIGHT_TO_SUBSCRIBE', params: {} }
      const details = record(client, { code: 'subscribe', fault }, filter)
      if (now - loggedAt < logFiltersEveryMs) return
      loggedAt = now
      log.warn(details, `refused: ${sayBrokerFault('en', fault)}`)
    },
  }
}
