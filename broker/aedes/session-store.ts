import type { Readable } from 'node:stream'
import type { Client, Subscription } from 'aedes'

/** A packet that waits in a session. */
export interface WaitingPacket {
  cmd: string
  messageId?: number
  payload?: Buffer | string
  qos?: 0 | 1 | 2
  retain?: boolean
  dup?: boolean
}

/** A session that subscribes to a message. */
export interface SubscribedSession {
  clientId: string
  /** that it was granted */
  qos: 0 | 1 | 2
}

/** A retained message. */
export interface RetainedPacket {
  topic: string
  payload: Buffer
}

/**
 * What is used of Aedes' memory of sessions and retained messages (aedes-persistence 11); a client is its id. Its types leave it out;
 * test/dependency-contracts/aedes-contract.test.ts holds it.
 */
export interface SessionStore {
  addSubscriptions(client: Client, subscriptions: Subscription[]): Promise<void>
  /** The subscriptions of sessions that match this topic. */
  subscriptionsByTopic(topic: string): Promise<{ topic: string }[]>
  /** The retained messages that these filters match. */
  createRetainedStreamCombi(filters: string[]): Readable
  cleanSubscriptions(client: { id: string }): Promise<unknown>
  /** Stores a QoS 2 message until its PUBREL. */
  incomingStorePacket(client: { id: string }, packet: WaitingPacket): Promise<void>
  incomingDelPacket(client: { id: string }, packet: WaitingPacket): Promise<void>
  cleanIncoming(client: { id: string }): Promise<unknown>
  outgoingEnqueueCombi(sessions: SubscribedSession[], packet: WaitingPacket): Promise<void>
  outgoingUpdate(client: { id: string }, packet: WaitingPacket): Promise<unknown>
  outgoingClearMessageId(client: { id: string }, packet: WaitingPacket): Promise<WaitingPacket | undefined>
  outgoingStream(client: { id: string }): Readable
  /** An empty payload deletes the retained message of the topic. */
  storeRetained(packet: RetainedPacket): Promise<void>
}
