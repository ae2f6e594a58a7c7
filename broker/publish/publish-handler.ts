import type { AedesOptions } from 'aedes'
import { sayBrokerFault } from '#telemetry/faults/broker-words.ts'
import { isReadingTopic } from '#telemetry/topics.ts'
import type { AuthenticatedClients } from '../auth/authenticated-clients.ts'
import { authorizePublish } from '../auth/authorize-publish.ts'
import type { ForbiddenTopics } from '../diagnostics/forbidden-topics.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import type { StoreRetained } from '../retained/store-retained.ts'
import type { JournalWriter } from './journal-writer.ts'

interface PublishHandlerOptions {
  clients: Pick<AuthenticatedClients, 'rightsOf' | 'identityOf' | 'serviceUserOf'>
  journalWriter: Pick<JournalWriter, 'appendOne'>
  storeRetained: StoreRetained
  forbidden: Pick<ForbiddenTopics, 'publish'>
  limits: BrokerLimits
  metrics: Pick<BrokerMetrics, 'refused'>
}

/**
 * Makes Aedes' publish handler, last wills included: it refuses what the client may not publish, and calls back when a reading is in the
 * journal or a retained message on disk. Aedes sends the PUBACK after that.
 */
export function publishHandler(options: PublishHandlerOptions): NonNullable<AedesOptions['authorizePublish']> {
  const { clients, journalWriter, storeRetained, forbidden, limits, metrics } = options
  return (client, packet, done) => {
    const { topic } = packet
    if (client) {
      const decision = authorizePublish(topic, clients.rightsOf(client), limits)
      if (!decision.allowed) {
        metrics.refused.inc({ what: decision.code })
        forbidden.publish(client, topic, decision)
        return done(new Error(`${topic}: ${sayBrokerFault('en', decision.fault)}`))
      }
    }
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload)
    if (isReadingTopic(topic)) {
      // a retained reading would reach every later subscriber as if it were new
      packet.retain = false
      const user = client ? clients.serviceUserOf(client) : undefined
      journalWriter.appendOne({ topic, payload, ...(user !== undefined && { user }) }).then(() => done(), done)
      return
    }
    if (!packet.retain) return done()
    const publisher = (client && clients.identityOf(client)) ?? { user: '', role: '' }
    storeRetained(packet, payload, publisher).then(() => done(), done)
  }
}
