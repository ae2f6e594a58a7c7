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

/** Who publishes a retained message. */
export interface Publisher {
  user: string
  role: string
}

interface Held {
  /** who published it; nobody where it was kept before that was noted */
  user: string
  /** of topic and payload */
  bytes: number
}

/** What the key of a topic's user begins with: no topic may have it (MQTT-1.5.3-2), and it sorts before all topics. */
const userMark = '\u0000'
const unbounded = Number.POSITIVE_INFINITY

/** Keeps retained messages on disk, so that meta and status survive a restart of the broker, with who published each. */
export class RetainedMessages {
  readonly #level: ClassicLevel<string, Buffer>
  readonly #limits: Pick<BrokerLimits, RetainedFault>
  readonly #held = new Map<string, Held>()
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

  /** Gives the broker everything kept. */
  async restore(broker: Aedes): Promise<void> {
    const users = new Map<string, string>()
    for await (const [key, value] of this.#level.iterator()) {
      if (key.startsWith(userMark)) {
        users.set(key.slice(userMark.length), value.toString())
        continue
      }
      this.#note(key, users.get(key) ?? '', value.length)
      await new Promise<void>((resolve, reject) =>
        broker.publish({ cmd: 'publish', topic: key, payload: value, qos: 1, retain: true, dup: false }, (error) =>
          error ? reject(error) : resolve(),
        ),
      )
    }
  }

  /**
   * Keeps a retained message, or forgets its topic when the payload is empty. Says which bound leaves no room for it: then the
   * topic has no retained message any more, for the old one is out of date.
   */
  async keep(topic: string, payload: Buffer, publisher: Publisher): Promise<RetainedFault | undefined> {
    this.#forget(topic)
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
    this.#note(topic, publisher.user, payload.length)
    await this.#level.batch([
      { type: 'put', key: topic, value: payload },
      { type: 'put', key: userKey, value: Buffer.from(publisher.user) },
    ])
    return undefined
  }

  get size(): number {
    return this.#held.size
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
    if (this.#held.size >= limits.MAX_RETAINED) return 'MAX_RETAINED'
    if (this.#bytes + bytes > limits.MAX_RETAINED_BYTES) return 'MAX_RETAINED_BYTES'
    if (isOwnPart(role)) return undefined
    if (this.#messages.of(user) >= limits.MAX_RETAINED_PER_USER) return 'MAX_RETAINED_PER_USER'
    return this.#userBytes.of(user) + bytes > limits.MAX_RETAINED_BYTES_PER_USER
      ? 'MAX_RETAINED_BYTES_PER_USER'
      : undefined
  }

  #note(topic: string, user: string, payloadBytes: number): void {
    const bytes = Buffer.byteLength(topic) + payloadBytes
    this.#held.set(topic, { user, bytes })
    this.#bytes += bytes
    this.#messages.take(user, 1, unbounded)
    this.#userBytes.take(user, bytes, unbounded)
  }

  #forget(topic: string): void {
    const held = this.#held.get(topic)
    if (!held) return
    this.#held.delete(topic)
    this.#bytes -= held.bytes
    this.#messages.give(held.user, 1)
    this.#userBytes.give(held.user, held.bytes)
  }

  async close(): Promise<void> {
    await this.#level.close()
  }
}
