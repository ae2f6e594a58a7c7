import type { MqttClient } from 'mqtt'
import type { JournalRecord } from '#journal/journal.ts'
import type { BridgeMetrics } from './metrics.ts'

/** A message that came and is not in the journal yet. */
export interface HeldMessage {
  record: JournalRecord
  /** undefined for QoS 0 */
  messageId: number | undefined
  /** connection it came on: its message id means nothing on another one */
  stream: MqttClient['stream']
}

export interface HeldLimits {
  maxMessages: number
  /** of topics and payloads */
  maxBytes: number
}

/** messages of one group at most */
const maxGroup = 5_000

const bytesOf = ({ record }: HeldMessage) => record.topic.length + record.payload.byteLength

/** The messages that wait for the journal, in order, and how many and how large they are; a group counts until it is released. */
export class HeldMessages {
  readonly #limits: HeldLimits
  readonly #metrics: BridgeMetrics
  readonly #waiting: HeldMessage[] = []
  #messages = 0
  #bytes = 0

  constructor(limits: HeldLimits, metrics: BridgeMetrics) {
    this.#limits = limits
    this.#metrics = metrics
  }

  /** Whether nothing more should be received now. */
  get full(): boolean {
    return this.#messages >= this.#limits.maxMessages || this.#bytes >= this.#limits.maxBytes
  }

  add(message: HeldMessage): void {
    this.#waiting.push(message)
    this.#count(1, bytesOf(message))
  }

  /** Removes the oldest that wait, for one append; empty when none do. */
  next(): HeldMessage[] {
    return this.#waiting.splice(0, maxGroup)
  }

  /** Stops counting a group. */
  release(group: readonly HeldMessage[]): void {
    this.#count(-group.length, -group.reduce((sum, message) => sum + bytesOf(message), 0))
  }

  #count(messages: number, bytes: number): void {
    this.#messages += messages
    this.#bytes += bytes
    this.#metrics.heldMessages.set(this.#messages)
    this.#metrics.held.set(this.#bytes)
  }
}
