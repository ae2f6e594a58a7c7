import type { AedesOptions } from 'aedes'
import type { Logger } from 'pino'
import { isReadingTopic } from '#telemetry/topics.ts'
import type { SessionStore } from '../aedes/session-store.ts'
import type { AuthenticatedClients } from '../auth/authenticated-clients.ts'
import { familyOfFilter } from '../auth/topic-families.ts'
import type { ForbiddenTopics } from '../diagnostics/forbidden-topics.ts'
import { plain, shown } from '../diagnostics/refusal-words.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import type { RetainedMessages } from '../retained/retained-messages.ts'
import type { Subscriptions } from '../subscribe/subscriptions.ts'
import { topicFault } from '../wire/topic-fault.ts'
import type { JournalWriter } from './journal-writer.ts'

interface Parts {
  signedIn: AuthenticatedClients
  subscriptions: Subscriptions
  retained: RetainedMessages
  gate: Pick<JournalWriter, 'keep'>
  forbidden: ForbiddenTopics
  /** somebody new is about to listen to what is refused */
  listened: () => void
  /** asked for with the first message that is not retained */
  store(): SessionStore
  limits: BrokerLimits
  metrics: BrokerMetrics
  log: Logger
}

/** ms between two logged messages that are not retained: who sends them stays connected and may send many */
const logRetainedEveryMs = 1_000

/** Decides what clients may publish, last wills included, and keeps it: a reading in the journal, a retained message on disk. */
export function publishAuthorization(parts: Parts): NonNullable<AedesOptions['authorizePublish']> {
  const { signedIn, retained, gate, forbidden, limits, metrics, log } = parts
  let loggedAt = Number.NEGATIVE_INFINITY
  return (client, packet, done) => {
    const { topic } = packet
    const fault = client ? topicFault(topic, limits) : undefined
    if (fault) {
      metrics.refused.inc({ what: 'topic' })
      if (client) forbidden.publish(client, topic, fault)
      return done(new Error(fault))
    }
    if (client && !signedIn.rightsOf(client)?.mayPublish(topic)) {
      metrics.refused.inc({ what: 'publish' })
      forbidden.publish(client, topic)
      return done(new Error(`no right to publish to ${topic}`))
    }
    const payload = Buffer.isBuffer(packet.payload) ? packet.payload : Buffer.from(packet.payload)
    if (isReadingTopic(topic)) {
      // a retained reading would reach every later subscriber as if it were new
      packet.retain = false
      const user = client ? signedIn.sharedUserOf(client) : undefined
      gate.keep({ topic, payload, ...(user !== undefined && { user }) }).then(() => done(), done)
      return
    }
    if (!packet.retain) return done()
    const publisher = (client && signedIn.identityOf(client)) ?? { user: '', role: '' }
    retained.keep(topic, payload, publisher).then((full) => {
      if (!full) return done()
      metrics.refused.inc({ what: 'retained' })
      if (performance.now() - loggedAt > logRetainedEveryMs) {
        loggedAt = performance.now()
        const told = { username: publisher.user, topic: plain(topic, shown.topic), bytes: payload.length }
        log.warn(told, `too many retained messages (${full}): this one is delivered, not retained`)
      }
      packet.retain = false
      parts
        .store()
        .storeRetained({ topic, payload: Buffer.alloc(0) })
        .then(() => done(), done)
    }, done)
  }
}

/** Decides what clients may subscribe to; what they may not is answered 0x80. */
export function subscribeAuthorization(parts: Parts): NonNullable<AedesOptions['authorizeSubscribe']> {
  const { signedIn, subscriptions, forbidden, listened, limits, metrics } = parts
  return (client, subscription, done) => {
    const { topic } = subscription
    const identity = signedIn.identityOf(client)
    const allowed = identity && signedIn.rightsOf(client)?.maySubscribe(topic) && !topicFault(topic, limits)
    const full = allowed ? subscriptions.grant(client, subscription, identity) : undefined
    if (allowed && !full) {
      if (familyOfFilter(topic) === 'diagnostics') listened()
      return done(null, subscription)
    }
    forbidden.subscribe(client, topic, full)
    metrics.refused.inc({ what: full ? 'subscriptions' : 'subscribe' })
    done(null, null)
  }
}
