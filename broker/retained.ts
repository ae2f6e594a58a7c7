import type { Aedes } from 'aedes'
import { ClassicLevel } from 'classic-level'

/** Most topics, and bytes of topics and payloads, that are kept. */
export interface RetainedLimits {
  messages: number
  bytes: number
}

/** Keeps retained messages on disk, so that meta and status survive a restart of the broker. */
export class RetainedMessages {
  readonly #level: ClassicLevel<string, Buffer>
  readonly #limits: RetainedLimits
  /** bytes of each topic and its payload */
  readonly #sizes = new Map<string, number>()
  #bytes = 0

  private constructor(level: ClassicLevel<string, Buffer>, limits: RetainedLimits) {
    this.#level = level
    this.#limits = limits
  }

  static async open(path: string, limits: RetainedLimits): Promise<RetainedMessages> {
    const level = new ClassicLevel<string, Buffer>(path, { valueEncoding: 'buffer' })
    await level.open()
    return new RetainedMessages(level, limits)
  }

  /** Gives the broker everything kept. */
  async restore(broker: Aedes): Promise<void> {
    for await (const [topic, payload] of this.#level.iterator()) {
      this.#note(topic, payload.length)
      await new Promise<void>((resolve, reject) =>
        broker.publish({ cmd: 'publish', topic, payload, qos: 1, retain: true, dup: false }, (error) =>
          error ? reject(error) : resolve(),
        ),
      )
    }
  }

  /**
   * Keeps a retained message, or forgets its topic when the payload is empty. False when there is no room: then the
   * topic has no retained message any more, for the old one is out of date.
   */
  async keep(topic: string, payload: Buffer): Promise<boolean> {
    const { messages, bytes } = this.#limits
    this.#bytes -= this.#sizes.get(topic) ?? 0
    this.#sizes.delete(topic)
    const size = Buffer.byteLength(topic) + payload.length
    const room = this.#sizes.size < messages && this.#bytes + size <= bytes
    if (payload.length === 0 || !room) {
      await this.#level.del(topic)
      return payload.length === 0
    }
    this.#note(topic, payload.length)
    await this.#level.put(topic, payload)
    return true
  }

  get size(): number {
    return this.#sizes.size
  }

  get bytes(): number {
    return this.#bytes
  }

  #note(topic: string, payloadBytes: number): void {
    const size = Buffer.byteLength(topic) + payloadBytes
    this.#sizes.set(topic, size)
    this.#bytes += size
  }

  async close(): Promise<void> {
    await this.#level.close()
  }
}
