import { once } from 'node:events'
import { type Duplex, duplexPair } from 'node:stream'
import { Aedes, type AedesOptions } from 'aedes'
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet'
import type { AedesBroker } from '#broker/aedes/aedes-broker.ts'
import { type AedesClient, aedesClient } from '#broker/aedes/aedes-client.ts'
import { until } from '../journal/journal-parts.ts'

/** The client's end of a connection in memory. */
export interface Joined {
  near: Duplex
  far: Duplex
  client: AedesClient
  received: Packet[]
  send(...packets: (Packet | Buffer)[]): void
  next(cmd: Packet['cmd']): Promise<Packet>
}

/** Plain Aedes, as the package gives it. */
export async function plainAedes(options: AedesOptions = {}): Promise<AedesBroker> {
  return (await Aedes.createBroker(options)) as AedesBroker
}

/** A connection that Aedes listens to, without a CONNECT. */
export function openConnection(aedes: AedesBroker, highWaterMark = 65_536): Joined {
  const [near, far] = duplexPair({ highWaterMark })
  near.on('error', () => {}) // the test looks at what follows
  const received: Packet[] = []
  const reader = parser()
  reader.on('packet', (packet) => received.push(packet))
  far.on('data', (chunk) => reader.parse(chunk))
  far.on('error', () => {})
  return {
    ...{ near, far, received, client: aedesClient(aedes.handle(near)) },
    send: (...packets) => {
      for (const packet of packets) far.write(Buffer.isBuffer(packet) ? packet : generate(packet))
    },
    next: (cmd) => until(cmd, () => received.find((packet) => packet.cmd === cmd)),
  }
}

export const connectOf = (clientId: string, more: Partial<IConnectPacket> = {}): IConnectPacket => ({
  ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0, clientId },
  ...more,
})

/** A client that Aedes has accepted. */
export async function join(
  aedes: AedesBroker,
  clientId: string,
  more: Partial<IConnectPacket> = {},
  highWaterMark?: number,
): Promise<Joined> {
  const joined = openConnection(aedes, highWaterMark)
  const ready = once(aedes, 'clientReady')
  joined.send(connectOf(clientId, more))
  await ready
  await joined.next('connack')
  return joined
}
