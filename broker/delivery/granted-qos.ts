import type { Client } from 'aedes'
import { aedesClient, type Deliver } from '../aedes/aedes-client.ts'

/**
 * Delivers each message once, with the highest QoS that was granted to any matching filter of the client (Aedes uses the first filter that it
 * finds), and without the DUP flag that the publisher set (MQTT-3.3.1-3).
 * @param qosOf the highest QoS granted for a topic
 */
export function deliverWithGrantedQos(client: Client, qosOf: (topic: string) => 0 | 1 | 2 | undefined): void {
  const own = aedesClient(client)
  const { deliver0, deliverQoS } = own
  const asGranted =
    (otherwise: Deliver): Deliver =>
    (packet, done) => {
      const { brokerId, brokerCounter = 0 } = packet
      // delivered for another filter already; Aedes would remove another message from the session's queue in its place
      if (brokerId && (own.duplicates[brokerId] ?? 0) >= brokerCounter) return void setImmediate(done)
      packet.dup = false
      const granted = qosOf(packet.topic)
      if (granted === undefined) return otherwise(packet, done)
      packet.qos = Math.min(packet.qos, granted) as 0 | 1 | 2 // of two of them
      // Aedes lowers it to that of the filter that is the topic itself
      const same = own.subscriptions[packet.topic]
      if (same && same.qos < packet.qos) same.qos = packet.qos
      return packet.qos === 0 ? deliver0(packet, done) : deliverQoS(packet, done)
    }
  own.deliver0 = asGranted(deliver0)
  own.deliverQoS = asGranted(deliverQoS)
}
