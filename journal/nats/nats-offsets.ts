import type { JetStreamClient } from '@nats-io/jetstream'
import { type KV, Kvm } from '@nats-io/kv'

/** What each consumer of the journal has committed, in a key-value bucket beside the stream. */
export class NatsOffsets {
  readonly #jetstream: JetStreamClient
  readonly #name: string
  #bucket: KV | undefined

  constructor(jetstream: JetStreamClient, name: string) {
    this.#jetstream = jetstream
    this.#name = name
  }

  /** Makes the bucket when it is missing; to be called before anything else. */
  async open(): Promise<void> {
    this.#bucket = await new Kvm(this.#jetstream).create(this.#name, { history: 1 })
  }

  /** As {@link open}, of a bucket that is there already: makes nothing. */
  async find(): Promise<void> {
    this.#bucket = await new Kvm(this.#jetstream).open(this.#name)
  }

  #opened(): KV {
    if (!this.#bucket) throw new Error('the offsets are not open')
    return this.#bucket
  }

  /** 0 when this consumer never committed. */
  async get(consumer: string): Promise<number> {
    const entry = await this.#opened().get(consumer)
    return entry ? Number(entry.string()) : 0
  }

  async put(consumer: string, offset: number): Promise<void> {
    await this.#opened().put(consumer, String(offset))
  }

  /** Position up to which all of these consumers are done. */
  async slowest(consumers: readonly string[]): Promise<number> {
    if (consumers.length === 0) return 0
    return Math.min(...(await Promise.all(consumers.map((consumer) => this.get(consumer)))))
  }
}
