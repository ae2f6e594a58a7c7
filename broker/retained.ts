import type { Aedes } from 'aedes'
import { ClassicLevel } from 'classic-level'

/** Most topics kept; meta and status of 50,000 sensors. */
const maxTopics = 100_000

/** Keeps retained messages on disk, so that meta and status survive a restart of the broker. */
export class RetainedMessages {
  readonly #level: ClassicLevel<string, Buffer>
  readonly #topics = new Set<string>()

  private constructor(level: ClassicLevel<string, Buffer>) {
    this.#level = level
  }

  static async open(path: string): Promise<RetainedMessages> {
    const level = new ClassicLevel<string, Buffer>(path, { valueEncoding: 'buffer' })
    await level.open()
    return new RetainedMessages(level)
  }

  /** Gives the broker everything kept. */
  async restore(broker: Aedes): Promise<void> {
    for await (const [topic, payload] of this.#level.iterator()) {
      this.#topics.add(topic)
      await new Promise<void>((resolve, reject) =>
        broker.publish({ cmd: 'publish', topic, payload, qos: 1, retain: true, dup: false }, (error) =>
          error ? reject(error) : resolve(),
        ),
      )
    }
  }

  /** Keeps a retained message, or forgets its topic when the payload is empty. False when there is no room for a new topic. */
  async keep(topic: string, payload: Buffer): Promise<boolean> {
    if (payload.length === 0) {
      this.#topics.delete(topic)
      await this.#level.del(topic)
      return true
    }
    if (!this.#topics.has(topic) && this.#topics.size >= maxTopics) return false
    this.#topics.add(topic)
    await this.#level.put(topic, payload)
    return true
  }

  get size(): number {
    return this.#topics.size
  }

  async close(): Promise<void> {
    await this.#level.close()
  }
}
