import type { Aedes } from 'aedes'
import { ClassicLevel } from 'classic-level'
import type { BrokerLimits } from '../limits/limits.ts'
import { isOwnPart } from '../limits/role-rates.ts'
import { UserQuota } from '../limits/user-quota.ts'

/** The bound that leaves no room for a retained message. */
export type RetainedFault =
  | 'MAX_RETAINED'
  | 'MAX_RETAINED_BYTES'
  | 'MAX_RETAINED_PER_USER'
  | 'MAX_RETAINED_BYTES_PER_USER'

/** The user that publishes a retained message. */
export interface Publisher {
  user: string
  role: string
}

interface Stored {
  /** user that published it; empty for messages stored before users were recorded */
  user: string
  /** of topic and payload */
  bytes: number
}

/** What the key of a topic's user begins with: no topic may have it (MQTT-1.5.3-2), and it sorts before all topics. */
const userMark = '\u0000'
const unbounded = Number.POSITIVE_INFINITY

/** Stores retained messages on disk, with the user that published each, so that meta and status survive a restart of the broker. */
export class RetainedMessages {
  readonly #level: ClassicLevel<string, Buffer>
  readonly #limits: Pick<BrokerLimits, RetainedFault>
  readonly #stored = new Map<string, Stored>()
  readonly #messages = new UserQuota()
  readonly #userBytes = new UserQuota()
  #bytes = 0

  private constructor(level: ClassicLevel<string, Buffer>, limits: Pick<BrokerLimits, RetainedFault>) {
    this.#level = level
    this.#limits = limits
  }

  static async open(path: string, limits: Pick<BrokerLimits, RetainedFault>): Promise<RetainedMessages> {
    const level = new ClassicLevel<string, Buffer>(path, { valueEncoding: 'buffer' })
    await level.open()
    return new RetainedMessages(level, limits)
  }

  /** Publishes every stored message to Aedes, which retains it in memory. */
  async restore(aedes: Aedes): Promise<void> {
    const users = new Map<string, string>()
    for await (const [key, value] of this.#level.iterator()) {
      if (key.startsWith(userMark)) {
        users.set(key.slice(userMark.length), value.toString())
        continue
      }
      this.#add(key, users.get(key) ?? '', value.length)
      await new Promise<void>((resolve, reject) =>
        aedes.publish({ cmd: 'publish', topic: key, payload: value, qos: 1, retain: true, dup: false }, (error) =>
          error ? reject(error) : resolve(),
        ),
      )
    }
  }

  /**
   * Stores a retained message, or deletes that of its topic when the payload is empty. Answers which limit leaves no room for it: then the
   * topic has no retained message any more, for the old one is out of date.
   */
  async store(topic: string, payload: Buffer, publisher: Publisher): Promise<RetainedFault | undefined> {
    this.#remove(topic)
    const bytes = Buffer.byteLength(topic) + payload.length
    const fault = payload.length > 0 ? this.#fault(bytes, publisher) : undefined
    const userKey = userMark + topic
    if (payload.length === 0 || fault) {
      await this.#level.batch([
        { type: 'del', key: topic },
        { type: 'del', key: userKey },
      ])
      return fault
    }
    this.#add(topic, publisher.user, payload.length)
    await this.#level.batch([
      { type: 'put', key: topic, value: payload },
      { type: 'put', key: userKey, value: Buffer.from(publisher.user) },
    ])
    return undefined
  }

  get size(): number {
    return this.#stored.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Messages of the user with most. */
  get largest(): number {
    return this.#messages.largest
  }

  /** Bytes of the user with most. */
  get largestBytes(): number {
    return this.#userBytes.largest
  }

  #fault(bytes: number, { user, role }: Publisher): RetainedFault | undefined {
    const limits = this.#limits
    if (this.#stored.size >= limits.MAX_RETAINED) return 'MAX_RETAINED'
    if (this.#bytes + bytes > limits.MAX_RETAINED_BYTES) return 'MAX_RETAINED_BYTES'
    if (isOwnPart(role)) return undefined
    if (this.#messages.of(user) >= limits.MAX_RETAINED_PER_USER) return 'MAX_RETAINED_PER_USER'
    return this.#userBytes.of(user) + bytes > limits.MAX_RETAINED_BYTES_PER_USER
      ? 'MAX_RETAINED_BYTES_PER_USER'
      : undefined
  }

  #add(topic: string, user: string, payloadBytes: number): void {
    const bytes = Buffer.byteLength(topic) + payloadBytes
    this.#stored.set(topic, { user, bytes })
    this.#bytes += bytes
    this.#messages.reserve(user, 1, unbounded)
    this.#userBytes.reserve(user, bytes, unbounded)
  }

  #remove(topic: string): void {
    const stored = this.#stored.get(topic)
    if (!stored) return
    this.#stored.delete(topic)
    this.#bytes -= stored.bytes
    this.#messages.release(stored.user, 1)
    this.#userBytes.release(stored.user, stored.bytes)
  }

  async close(): Promise<void> {
    await this.#level.close()
  }
}
