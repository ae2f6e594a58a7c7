import type { Consumer, JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import type { Logger } from 'pino'
import { recordCount } from '../block-codec.ts'
import { EndSignal } from '../end-signal.ts'
import type { RawBlock, RawReader } from '../raw-block.ts'
import { messageOf } from './nats-link.ts'

/** blocks asked for at once; twice as many are held at most, so 32 MiB when all are full */
const fetchBlocks = 32
/** ms that the server waits for a block before it answers that there is none */
const fetchMs = 30_000
const firstDelayMs = 50
const maxDelayMs = 2_000

export interface NatsReaderOptions {
  jetstream: JetStreamClient
  manager: JetStreamManager
  stream: string
  log: Logger
}

/**
 * Follows the stream in order from one position on. It asks for blocks ahead of {@link next}, by an ordered consumer of
 * its own that the server forgets; after a fault a new one begins behind the last block received, so that nothing is
 * left out or given twice.
 */
export class NatsReader implements RawReader {
  readonly #options: NatsReaderOptions
  readonly #signal = new EndSignal()
  readonly #held: RawBlock[] = []
  /** of the newest block received */
  #received: number
  #consumer: Consumer | undefined
  #stopFetch: () => void = () => {}
  #closed = false

  constructor(position: number, options: NatsReaderOptions) {
    this.#options = options
    this.#received = position
    this.#follow().catch((error) => options.log.error({ err: error }, 'the journal is not followed any more'))
  }

  async next({ maxRecords, waitMs }: { maxRecords: number; waitMs: number }): Promise<RawBlock[]> {
    if (this.#held.length === 0 && waitMs > 0 && !this.#closed) await this.#signal.wait(waitMs)
    const blocks: RawBlock[] = []
    for (let records = 0; records < maxRecords && !this.#closed; ) {
      const block = this.#held.shift()
      if (!block) break
      records += recordCount(block.bytes)
      blocks.push(block)
    }
    // the follower may be waiting for room
    this.#signal.wake()
    return blocks
  }

  async #follow(): Promise<void> {
    let delayMs = firstDelayMs
    while (!this.#closed) {
      if (this.#held.length >= fetchBlocks) {
        await this.#signal.wait(fetchMs)
        continue
      }
      try {
        this.#consumer ??= await this.#newConsumer()
        await this.#fetch(this.#consumer)
        delayMs = firstDelayMs
      } catch (error) {
        this.#consumer = undefined
        if (this.#closed) break
        this.#options.log.warn({ reason: messageOf(error) }, 'the journal cannot be read now; trying again')
        await new Promise((resolve) => setTimeout(resolve, delayMs * (0.5 + Math.random() / 2)))
        delayMs = Math.min(delayMs * 2, maxDelayMs)
      }
    }
    // the server forgets it anyhow, only later
    await this.#consumer?.delete().catch(() => {})
  }

  async #newConsumer(): Promise<Consumer> {
    const { jetstream, manager, stream, log } = this.#options
    const { state } = await manager.streams.info(stream)
    if (state.last_seq < this.#received) {
      log.error({ end: state.last_seq, received: this.#received }, 'the journal ends before what was read from it')
      // what was appended since then took positions anew: everything held is read again, which the store takes as once
      this.#received = Math.max(0, state.first_seq - 1)
    }
    return jetstream.consumers.get(stream, { opt_start_seq: this.#received + 1, inactive_threshold: 2 * fetchMs })
  }

  async #fetch(consumer: Consumer): Promise<void> {
    const messages = await consumer.fetch({ max_messages: fetchBlocks, expires: fetchMs })
    this.#stopFetch = () => messages.stop()
    if (this.#closed) messages.stop()
    for await (const { seq, data } of messages) {
      if (seq <= this.#received) continue
      this.#received = seq
      this.#held.push({ position: seq, bytes: data })
      this.#signal.wake()
    }
  }

  /**
   * Goes on by a new consumer: what the old one sent into a connection that was lost it does not send again, and a gap
   * at the very end would show only with the next block.
   */
  restart(): void {
    this.#consumer = undefined
    this.#stopFetch()
  }

  /** Ends a {@link next} that waits; asks the server for nothing more. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stopFetch()
    this.#signal.wake()
  }
}
