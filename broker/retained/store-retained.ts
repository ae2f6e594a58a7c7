import type { Logger } from 'pino'
import type { SessionStore } from '../aedes/session-store.ts'
import { plain, shown } from '../diagnostics/safe-text.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import type { Publisher, RetainedMessages } from './retained-messages.ts'

/** A message to retain; `retain` becomes false when there is no room for it, and then it is only delivered. */
interface RetainPacket {
  topic: string
  retain: boolean
}

/** Stores a retained message on disk; resolves when it is there, or when there is no room for it. */
export type StoreRetained = (packet: RetainPacket, payload: Buffer, publisher: Publisher) => Promise<void>

/** ms between two logged messages that are not retained: who sends them stays connected and may send many */
const logEveryMs = 1_000

/** Makes what stores retained messages; those beyond the limits are counted, logged and removed from Aedes' memory too. */
export function retainedWriter(
  retained: Pick<RetainedMessages, 'store'>,
  store: Pick<SessionStore, 'storeRetained'>,
  metrics: Pick<BrokerMetrics, 'refused'>,
  log: Logger,
): StoreRetained {
  let loggedAt = Number.NEGATIVE_INFINITY
  return async (packet, payload, publisher) => {
    const { topic } = packet
    const full = await retained.store(topic, payload, publisher)
    if (!full) return
    metrics.refused.inc({ what: 'retained' })
    if (performance.now() - loggedAt > logEveryMs) {
      loggedAt = performance.now()
      const details = { username: publisher.user, topic: plain(topic, shown.topic), bytes: payload.length }
      log.warn(details, `too many retained messages (${full}): this one is delivered, not retained`)
    }
    packet.retain = false
    await store.storeRetained({ topic, payload: Buffer.alloc(0) })
  }
}
