import type { JetStreamManager } from '@nats-io/jetstream'
import { BlockDamagedError, BlockVersionError, decodeBlock } from '../block-codec.ts'

/** Looks up when the first record of a block arrived; the last answer is remembered, for the oldest block seldom changes. */
export class ArrivalLookup {
  readonly #manager: JetStreamManager
  readonly #stream: string
  #known: { position: number; arrivedAt: number | undefined } | undefined

  constructor(manager: JetStreamManager, stream: string) {
    this.#manager = manager
    this.#stream = stream
  }

  /** Epoch ms; undefined when there is no such block. */
  async of(position: number): Promise<number | undefined> {
    if (this.#known?.position !== position) this.#known = { position, arrivedAt: await this.#look(position) }
    return this.#known.arrivedAt
  }

  async #look(position: number): Promise<number | undefined> {
    const message = await this.#manager.streams.getMessage(this.#stream, { seq: position })
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
