import { Readable } from 'node:stream'
import type { SessionStore, SubscribedSession, WaitingPacket } from '../aedes/session-store.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import type { Subscriptions } from '../subscribe/subscriptions.ts'
import type { SessionQueue } from './session-queue.ts'

/** Marks what was sent before, which has a message id, as sent again (MQTT-3.3.1-1). */
async function* markSent(packets: AsyncIterable<WaitingPacket>) {
  for await (const packet of packets) {
    if (packet.cmd === 'publish' && packet.messageId !== undefined) packet.dup = true
    yield packet
  }
}

/** Each session once, with its highest QoS, also when several of its subscriptions match: Aedes would queue a copy for each, and deliver one. */
function eachOnce(found: readonly SubscribedSession[]): SubscribedSession[] {
  const once = new Map<string, SubscribedSession>()
  for (const subscribed of found)
    if (subscribed.qos > (once.get(subscribed.clientId)?.qos ?? -1)) once.set(subscribed.clientId, subscribed)
  return [...once.values()]
}

/**
 * Replaces the methods of Aedes' store through which messages enter and leave the queues of sessions, so that the limits of the queues hold.
 * @param queueOf the queue of the session with this client id
 */
export function limitQueues(
  store: SessionStore,
  queueOf: (clientId: string) => SessionQueue | undefined,
  subscriptions: Pick<Subscriptions, 'drainNew'>,
  metrics: Pick<BrokerMetrics, 'queued'>,
): void {
  const add = store.addSubscriptions.bind(store)
  const enqueue = store.outgoingEnqueueCombi.bind(store)
  const outgoing = store.outgoingStream.bind(store)
  const update = store.outgoingUpdate.bind(store)
  const clear = store.outgoingClearMessageId.bind(store)
  // Aedes would store the refused filters of a SUBSCRIBE beside the granted ones, and pass all of them for each that is granted
  store.addSubscriptions = (client) => add(client, subscriptions.drainNew(client))
  store.outgoingEnqueueCombi = async (found, packet) => {
    if (found.length === 0) return
    const { qos = 0 } = packet
    const sessions = eachOnce(found).filter(({ clientId }) => queueOf(clientId)?.reserve(packet) ?? true)
    // at once, so that the order of messages is preserved
    const queued = ([1, 2] as const).map((granted) => {
      const some = sessions.filter((session) => Math.min(session.qos, qos) === granted)
      return some.length > 0 ? enqueue(some, { ...packet, qos: granted, retain: false, dup: false }) : undefined
    })
    await Promise.all(queued)
  }
  store.outgoingStream = (client) => Readable.from(markSent(outgoing(client)))
  store.outgoingUpdate = async (client, packet) => {
    if (packet.cmd === 'publish') await queueOf(client.id)?.waitForTurn(packet)
    return update(client, packet)
  }
  store.outgoingClearMessageId = async (client, packet) => {
    const cleared = await clear(client, packet)
    if (cleared) {
      metrics.queued.dec()
      queueOf(client.id)?.remove(cleared)
    }
    return cleared
  }
}
