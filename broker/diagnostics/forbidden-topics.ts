import type { Client } from 'aedes'
import type { Logger } from 'pino'
import { aedesClient } from '../aedes/aedes-client.ts'
import type { AuthenticatedClients } from '../auth/authenticated-clients.ts'
import type { BrokerConnections } from '../connection/connections.ts'
import { TokenBucket } from '../limits/token-bucket.ts'
import type { RateLimitedLog } from './log-rate-limit.ts'
import { nearestTopic } from './nearest-topic.ts'
import { plain, shown } from './refusal-words.ts'
import type { Refusals } from './refusals.ts'

/** Tells which topics were refused to whom. */
export interface ForbiddenTopics {
  /** a publish to a topic that is malformed (`fault`), or not the client's */
  publish(client: Client, topic: string, fault?: string): void
  /** a filter that is not the client's, malformed, or one too many for the bound `full` */
  subscribe(client: Client, filter: string, full?: string): void
}

interface Parts {
  refusals: Pick<Refusals, 'add'>
  clients: Pick<AuthenticatedClients, 'identityOf'>
  connections: Pick<BrokerConnections, 'peerOf'>
  log: Logger
  /** logs what clients do wrong */
  clientLog: Pick<RateLimitedLog, 'warn'>
}

/** ms between two logged filters: who is refused them stays connected and may ask for many */
const logFiltersEveryMs = 1_000
/** refused filters of a client that are remembered, a second and at once: a packet may have very many */
const notedPerSecond = 5
const notedAtOnce = 50

/** Makes what tells them, in the log and for the page about devices, with client id, user name and the right topic. */
export function forbiddenTopics({ refusals, clients, connections, log, clientLog }: Parts): ForbiddenTopics {
  let loggedAt = Number.NEGATIVE_INFINITY
  const budgets = new WeakMap<Client, TokenBucket>()
  const note = (client: Client, code: 'publish' | 'topic' | 'subscribe', asked: string) => {
    const identity = clients.identityOf(client)
    const { address } = connections.peerOf(aedesClient(client))
    const way = code === 'subscribe' ? 'subscribe' : 'publish'
    const nearest = identity && nearestTopic(identity, way, asked)
    const { user, role } = identity ?? {}
    refusals.add({ code, address, client: client.id, user, isKnown: identity !== undefined, topic: asked, nearest })
    return { client: plain(client.id, shown.id), username: user, role, topic: plain(asked, shown.topic), nearest }
  }
  return {
    publish(client, topic, fault) {
      const told = note(client, fault ? 'topic' : 'publish', topic)
      clientLog.warn(told.username ?? '', told, fault ? `refused: ${fault}` : 'refused: no right to publish there')
    },
    subscribe(client, filter, full) {
      const now = performance.now()
      const budget = budgets.get(client) ?? new TokenBucket(notedPerSecond, notedAtOnce, now)
      budgets.set(client, budget)
      if (!budget.tryConsume(now)) return
      const told = note(client, 'subscribe', filter)
      if (now - loggedAt < logFiltersEveryMs) return
      loggedAt = now
      log.warn(told, full ? `refused: a filter too many (${full})` : 'refused: no right to subscribe there')
    },
  }
}
