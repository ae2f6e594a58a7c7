import type { JetStreamManager } from '@nats-io/jetstream'
import { BlockDamagedError, BlockVersionError, decodeBlock } from '../block-codec.ts'

/** Looks up when the first record of a block arrived; the last answer is remembered, for the oldest block seldom changes. */
export class ArrivalLookup {
  readonly #manager: JetStreamManager
  readonly #stream: string
  #known: { offset: number; arrivedAt: number | undefined } | undefined

  constructor(manager: JetStreamManager, stream: string) {
    this.#manager = manager
    this.#stream = stream
  }

  /** Epoch ms; undefined when there is no such block. */
  async of(offset: number): Promise<number | undefined> {
    if (this.#known?.offset !== offset) this.#known = { offset, arrivedAt: await this.#read(offset) }
    return this.#known.arrivedAt
  }

  async #read(offset: number): Promise<number | undefined> {
    const message = await this.#manager.streams.getMessage(this.#stream, { seq: offset })
    if (!message) return undefined
    try {
      const [first] = decodeBlock(message.data)
      return first?.arrivedAt
    } catch (error) {
      if (!(error instanceof BlockDamagedError || error instanceof BlockVersionError)) throw error
      return message.time.getTime()
    }
  }
}
