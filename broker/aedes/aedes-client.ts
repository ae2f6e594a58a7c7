import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import type { AedesPublishPacket, Client } from 'aedes'
import type { Packet } from 'mqtt-packet'

/** What the rooms of the broker know of a client, be it one of Aedes' or one that Aedes does not know yet. */
export interface ConnectedClient {
  readonly id: string
  /** its connection: one client has one, which tells it from all others */
  readonly conn: Duplex
  /** whether its session ends with its connection */
  readonly clean: boolean
  readonly closed: boolean
  /** whether it was accepted */
  readonly connected: boolean
  /** of the next message that is sent with QoS 1 or 2; one that Aedes does not know has none */
  _nextId?: number
  /** what closes it when it is silent for too long; each packet sets it back */
  readonly _keepaliveTimer: NodeJS.Timeout | null
  /** Calls back when the connection takes bytes again; ends the connection when it does not in time. */
  waitForDrain(done: () => void): void
}

type Deliver = (packet: AedesPublishPacket, done: () => void) => void

/** What is used of Aedes' client beyond its types. */
export interface AedesClient extends Client {
  // Aedes writes these once a CONNECT is accepted, as fresh-client.ts does in its place
  id: string
  clean: boolean
  version: number
  connected: boolean
  connackSent: boolean
  will: unknown
  _authorized: boolean
  /** ms of silence after which a client is closed, 0 and less for never */
  _keepaliveInterval: number
  _keepaliveTimer: NodeJS.Timeout | null
  /** what closes it when no CONNECT comes */
  _connectTimer: NodeJS.Timeout | null
  subscriptions: Record<string, { qos: number } | undefined>
  /** number of the newest message delivered, by the broker that it came from */
  duplicates: Record<string, number | undefined>
  /** of the next message that is sent with QoS 1 or 2 */
  _nextId: number
  deliver0: Deliver
  deliverQoS: Deliver
  /** what was read of its CONNECT tells how the rest is read */
  _parser: Pick<EventEmitter, 'prependListener'> & { settings: { protocolVersion: number } }
  waitForDrain(done: () => void): void
}

/** The client with what its types leave out; that it is there is held by the broker's tests. */
export function aedesClient(client: Client): AedesClient {
  return client as AedesClient
}

/**
 * Delivers with the QoS that all filters of the client that match allow together (Aedes goes by the filter it comes upon first), and without
 * the mark of a repetition that the publisher gave it (MQTT-3.3.1-3).
 * @param qosOf the highest QoS granted for a topic
 */
export function deliverWithGrantedQos(client: Client, qosOf: (topic: string) => 0 | 1 | 2 | undefined): void {
  const own = aedesClient(client)
  const { deliver0, deliverQoS } = own
  const asGranted =
    (otherwise: Deliver): Deliver =>
    (packet, done) => {
      const { brokerId, brokerCounter = 0 } = packet
      // it came by another filter already; Aedes would take another message out of the session's queue in its place
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

/**
 * Lets who publishes go on when this client does not read: Aedes would read no more from them until it does. What may
 * wait for it is bounded in authorizeForward. Retained messages, which come as fast as memory gives them, wait as before.
 */
export function deliverWithoutBlocking(client: Client): void {
  const own = aedesClient(client)
  own.deliver0 = apart(own.deliver0)
  own.deliverQoS = apart(own.deliverQoS)
}

function apart(deliver: Deliver): Deliver {
  return (packet, done) => {
    if (packet.retain) return deliver(packet, done)
    deliver(packet, () => {})
    setImmediate(done)
  }
}

/**
 * Looks at each packet before Aedes does. What has a fault is told to `refused`, and is given to Aedes as a packet of a kind
 * that it does not know: it closes the connection, and does nothing else with it.
 */
export function checkPackets(
  client: Client,
  faultOf: (packet: Packet) => string | undefined,
  refused: (client: Client, fault: string) => void,
): void {
  aedesClient(client)._parser.prependListener('packet', (packet: Packet) => {
    const fault = faultOf(packet)
    if (fault === undefined) return
    refused(client, fault)
    Object.assign(packet, { cmd: 'refused' })
  })
}
