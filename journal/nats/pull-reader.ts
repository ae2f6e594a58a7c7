import type { Consumer, JsMsg } from '@nats-io/jetstream'
import type { Logger } from 'pino'
import { UnreachableError } from '#telemetry/errors.ts'
import { backoffMs } from '#telemetry/retry/backoff.ts'
import { sleep } from '#telemetry/retry/sleep.ts'
import { WakeSignal } from '#telemetry/retry/wake-signal.ts'
import { recordCount } from '../block-codec.ts'
import type { RawBlock, RawReader } from '../journal.ts'
import { checkedAt } from './block-clocks.ts'
import { firstLineOf } from './nats-connection.ts'

/** blocks asked for at once; twice as many are held at most, so 16 MiB when all are full, beside what was put back */
const fetchBlocks = 16
/** ms that the server waits for a block before it answers that there is none */
export const fetchMs = 30_000
const backoff = { firstMs: 50, longestMs: 2_000 }

/** The block that a message of the stream is. */
export function rawBlock(message: JsMsg): RawBlock {
  return { offset: message.seq, bytes: message.data, checkedAt: checkedAt(message) }
}

export interface PullReaderOptions {
  /** Gives the consumer to pull from; asked again after each fault. */
  open(): Promise<Consumer>
  /** whether the server can be reached now */
  usable(): boolean
  /** Called with each message; false leaves it out. */
  accept(message: JsMsg): boolean
  /** Called with the last consumer once this is closed. */
  forget?(consumer: Consumer): Promise<unknown>
  log: Logger
}

/** Pulls blocks from a consumer of JetStream ahead of {@link next}, and goes on after every fault until it is closed. */
export class PullReader implements RawReader {
  readonly #options: PullReaderOptions
  readonly #signal = new WakeSignal()
  readonly #held: RawBlock[] = []
  #consumer: Consumer | undefined
  #stopFetch: () => void = () => {}
  /** why it cannot be read, from a fault until it is asked again */
  #fault: string | undefined
  readonly #closing = new AbortController()

  constructor(options: PullReaderOptions) {
    this.#options = options
    this.#follow().catch((error) => options.log.error({ err: error }, 'the journal is not followed any more'))
  }

  async next({ maxRecords, waitMs }: { maxRecords: number; waitMs: number }): Promise<RawBlock[]> {
    if (this.#held.length === 0 && waitMs > 0 && !this.#closed) await this.#signal.sleep(waitMs)
    const blocks: RawBlock[] = []
    for (let records = 0; records < maxRecords && !this.#closed; ) {
      const block = this.#held.shift()
      if (!block) break
      records += recordCount(block.bytes)
      blocks.push(block)
    }
    // the follower may be waiting for room
    this.#signal.wake()
    if (blocks.length === 0) this.#requireReadable()
    return blocks
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted
  }

  #requireReadable(): void {
    if (this.#closed) return
    if (!this.#options.usable()) throw new UnreachableError('NATS_URL: the connection to NATS is lost')
    if (this.#fault !== undefined) throw new UnreachableError(`NATS_URL: ${this.#fault}`)
  }

  /** These, which {@link next} gave, come next again. */
  putBack(blocks: readonly RawBlock[]): void {
    this.#held.unshift(...blocks)
    this.#signal.wake()
  }

  async #follow(): Promise<void> {
    let failures = 0
    while (!this.#closed) {
      if (this.#held.length >= fetchBlocks) {
        await this.#signal.sleep(fetchMs)
        continue
      }
      if (!this.#options.usable()) {
        await this.#signal.sleep(backoff.longestMs) // for restart()
        continue
      }
      try {
        this.#consumer ??= await this.#options.open()
        this.#fault = undefined
        await this.#fetch(this.#consumer)
        failures = 0
      } catch (error) {
        this.#consumer = undefined
        if (this.#closed) break
        this.#fault = firstLineOf(error)
        this.#options.log.warn({ reason: this.#fault }, 'the journal cannot be read now; trying again')
        await sleep(backoffMs(++failures, backoff), this.#closing.signal)
      }
    }
    if (this.#consumer) await this.#options.forget?.(this.#consumer).catch(() => {}) // the server forgets it anyhow
  }

  async #fetch(consumer: Consumer): Promise<void> {
    const messages = await consumer.fetch({ max_messages: fetchBlocks, expires: fetchMs })
    this.#stopFetch = () => messages.stop()
    if (this.#closed) messages.stop()
    for await (const message of messages) {
      if (!this.#options.accept(message)) continue
      this.#held.push(rawBlock(message))
      this.#signal.wake()
    }
  }

  /**
   * To be called when the connection is lost, and when it is back. Goes on by asking for the consumer anew: what the server sent into a connection that was lost it does not send again,
   * and a gap at the very end would show only with the next block.
   */
  restart(): void {
    this.#consumer = undefined
    this.#stopFetch()
    this.#signal.wake()
  }

  /** Ends a {@link next} that waits; asks the server for nothing more. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#stopFetch()
    this.#signal.wake()
  }
}
