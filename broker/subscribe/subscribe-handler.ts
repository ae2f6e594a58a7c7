import type { AedesOptions } from 'aedes'
import type { AuthenticatedClients } from '../auth/authenticated-clients.ts'
import { familyOfFilter } from '../auth/topic-families.ts'
import type { ForbiddenTopics } from '../diagnostics/forbidden-topics.ts'
import type { RefusalReports } from '../diagnostics/refusal-reports.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import { topicFault } from '../wire/topic-fault.ts'
import type { Subscriptions } from './subscriptions.ts'

interface SubscribeHandlerOptions {
  clients: Pick<AuthenticatedClients, 'rightsOf' | 'identityOf'>
  subscriptions: Subscriptions
  forbidden: Pick<ForbiddenTopics, 'subscribe'>
  refusals: Pick<RefusalReports, 'diagnosticsSubscribed'>
  limits: BrokerLimits
  metrics: Pick<BrokerMetrics, 'refused'>
}

/** Makes Aedes' subscribe handler: what a client may not subscribe to is answered 0x80. */
export function subscribeHandler(options: SubscribeHandlerOptions): NonNullable<AedesOptions['authorizeSubscribe']> {
  const { clients, subscriptions, forbidden, refusals, limits, metrics } = options
  return (client, subscription, done) => {
    const { topic } = subscription
    const identity = clients.identityOf(client)
    const allowed = identity && clients.rightsOf(client)?.maySubscribe(topic) && !topicFault(topic, limits)
    const full = allowed ? subscriptions.grant(client, subscription, identity) : undefined
    if (allowed && !full) {
      if (familyOfFilter(topic) === 'diagnostics') refusals.diagnosticsSubscribed()
      return done(null, subscription)
    }
    forbidden.subscribe(client, topic, full)
    metrics.refused.inc({ what: full ? 'subscriptions' : 'subscribe' })
    done(null, null)
  }
}
