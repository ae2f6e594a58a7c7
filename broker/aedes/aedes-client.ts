import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import type { AedesPublishPacket, Client } from 'aedes'

/** A client as the rest of the broker sees it: one of Aedes', or one that Aedes does not know yet. */
export interface ConnectedClient {
  readonly id: string
  /** its connection, which no other client has */
  readonly conn: Duplex
  /** whether its session ends with its connection */
  readonly clean: boolean
  readonly closed: boolean
  /** whether it was accepted */
  readonly connected: boolean
  /** of the next message that is sent with QoS 1 or 2; one that Aedes does not know has none */
  _nextId?: number
  /** closes it when it is silent for too long; each packet restarts it */
  readonly _keepaliveTimer: NodeJS.Timeout | null
  /** Calls back when the connection accepts bytes again; ends the connection when it does not in time. */
  waitForDrain(done: () => void): void
}

/** Delivers a message to a client. */
export type Deliver = (packet: AedesPublishPacket, done: () => void) => void

/** What is used of Aedes' client beyond its types. */
export interface AedesClient extends Client {
  // Aedes writes these once a CONNECT is accepted, as sessionless-client.ts does in its place
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
  /** closes it when no CONNECT comes */
  _connectTimer: NodeJS.Timeout | null
  subscriptions: Record<string, { qos: number } | undefined>
  /** number of the newest message delivered, by the broker that it came from */
  duplicates: Record<string, number | undefined>
  /** of the next message that is sent with QoS 1 or 2 */
  _nextId: number
  deliver0: Deliver
  deliverQoS: Deliver
  /** its settings, read from the CONNECT, decide how the rest is parsed */
  _parser: Pick<EventEmitter, 'prependListener'> & { settings: { protocolVersion: number } }
  waitForDrain(done: () => void): void
}

/** The client with what its types leave out; test/dependency-contracts/aedes-contract.test.ts holds it. */
export function aedesClient(client: Client): AedesClient {
  return client as AedesClient
}
