import type { SessionStore } from '../aedes/session-store.ts'
import type { BrokerLimits } from '../limits/limits.ts'

const nothing = Buffer.alloc(0)

/**
 * Limits the QoS 2 messages of a session that wait for their PUBREL, in Aedes' own store: Aedes counts those of a connection, and a resumed
 * session begins at none again. Their payloads, which were delivered at once, are not stored.
 */
export function limitIncomingQos2(store: SessionStore, { MAX_INFLIGHT }: Pick<BrokerLimits, 'MAX_INFLIGHT'>): void {
  const waiting = new Map<string, Set<number>>()
  const storePacket = store.incomingStorePacket.bind(store)
  const remove = store.incomingDelPacket.bind(store)
  const clean = store.cleanIncoming.bind(store)
  store.incomingStorePacket = async (client, packet) => {
    const { messageId = 0 } = packet
    const ids = waiting.get(client.id) ?? new Set()
    if (!ids.has(messageId) && ids.size >= MAX_INFLIGHT) throw new Error('maxInflightInbound exceeded: of this session')
    waiting.set(client.id, ids.add(messageId))
    await storePacket(client, { ...packet, payload: nothing })
  }
  store.incomingDelPacket = async (client, packet) => {
    await remove(client, packet)
    const ids = waiting.get(client.id)
    if (ids?.delete(packet.messageId ?? 0) && ids.size === 0) waiting.delete(client.id)
  }
  store.cleanIncoming = (client) => {
    waiting.delete(client.id)
    return clean(client)
  }
}
