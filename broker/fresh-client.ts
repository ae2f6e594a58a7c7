import { randomUUID } from 'node:crypto'
import type { Aedes, Client, ConnectPacket } from 'aedes'
import { aedesClient } from './aedes-client.ts'

/** CONNACK (MQTT 3.1.1, section 3.2): accepted, no session present. */
const accepted = Buffer.from([0x20, 2, 0, 0])

/** Whether a CONNECT asks for nothing that Aedes must look up, unless its client id is known. */
export function asksForNothingKept({ protocolVersion, clean }: ConnectPacket): boolean {
  return protocolVersion === 4 && clean === true
}

/** Makes the client what its CONNECT says it is, before it is asked who it is. */
export function introduce(client: Client, { clientId, protocolVersion = 4 }: ConnectPacket): void {
  const own = aedesClient(client)
  own.id = clientId || `aedes_${randomUUID()}`
  own.clean = true
  own.version = protocolVersion
}

/**
 * Accepts a client whose id nobody uses and that wants no session: all that Aedes would look up for it (subscriptions and
 * messages that wait, a will that was kept) is not there, and looking costs more than all the rest of a connect: a pipeline
 * of three streams and nine promises. What is left of Aedes' connect.js is this. The will is not put in the store, which dies with the process.
 */
export function acceptFresh(broker: Aedes, client: Client, { keepalive = 0, will }: ConnectPacket): void {
  const own = aedesClient(client)
  own._authorized = true
  own.will = will ?? null
  if (keepalive > 0) {
    own._keepaliveInterval = keepalive * 1_500 + 1
    own._keepaliveTimer = setTimeout(() => {
      broker.emit('keepaliveTimeout', client)
      client.emit('error', new Error('keep alive timeout'))
    }, own._keepaliveInterval)
  }
  register(broker, client)
  own.connackSent = true
  client.conn.write(accepted)
  own.connected = true
  broker.emit('clientReady', client)
  client.emit('connected')
}

/** As Aedes does, but for telling other brokers of its cluster: there are none. */
function register(broker: Aedes, client: Client): void {
  const own = broker as Aedes & { clients: Record<string, Client>; connectedClients: number } // Aedes' types leave them out
  own.connectedClients += 1
  own.clients[client.id] = client
  broker.emit('client', client)
}
