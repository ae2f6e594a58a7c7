import type { Client } from 'aedes'
import { aedesClient, type Deliver } from '../aedes/aedes-client.ts'

/**
 * Lets publishers continue when this client does not read: Aedes would read nothing more from them until it does. What may wait for the
 * client is bounded by slow-consumers.ts. Retained messages, which come as fast as memory gives them, wait as before.
 */
export function deliverWithoutBlocking(client: Client): void {
  const own = aedesClient(client)
  own.deliver0 = unblocked(own.deliver0)
  own.deliverQoS = unblocked(own.deliverQoS)
}

function unblocked(deliver: Deliver): Deliver {
  return (packet, done) => {
    if (packet.retain) return deliver(packet, done)
    deliver(packet, () => {})
    setImmediate(done)
  }
}
