import { JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream'
import type { Logger } from 'pino'
import { CoalescedTask } from '#telemetry/concurrency/coalesced-task.ts'
import { firstLineOf } from './nats-connection.ts'
import type { NatsOffsets } from './nats-offsets.ts'

/** deletions under way at once */
const width = 16
const notFound = 404

export interface TrimmerOptions {
  manager: JetStreamManager
  stream: string
  offsets: NatsOffsets
  consumers: readonly string[]
  log: Logger
}

/**
 * Removes what every consumer has committed, block by block from the front. Not by a purge up to a sequence: that
 * rewrites a file of the stream in place, and a server killed meanwhile has lost acknowledged messages (seen in 1 of 25
 * kills of 2.9.10; nats-io/nats-server#7627). The newest committed block stays, because an emptied stream may forget its
 * sequence when the server is killed (nats-io/nats-server#7676).
 */
export class Trimmer {
  readonly #options: TrimmerOptions
  readonly #trimming = new CoalescedTask(() => this.#trim())
  #closed = false

  constructor(options: TrimmerOptions) {
    this.#options = options
  }

  /** Trims in the background; asked again meanwhile, it goes on until nothing is left to do. */
  trim(): void {
    this.#trimming.request()
  }

  async #trim(): Promise<void> {
    if (this.#closed) return
    try {
      await this.#trimOnce()
    } catch (error) {
      if (!this.#closed) this.#options.log.warn({ reason: firstLineOf(error) }, 'the journal cannot be trimmed now')
    }
  }

  async #trimOnce(): Promise<void> {
    const { manager, stream, offsets, consumers } = this.#options
    const done = await offsets.slowest(consumers)
    const { state } = await manager.streams.info(stream)
    for (let from = state.first_seq; from < done && !this.#closed; from += width) {
      const count = Math.min(width, done - from)
      await Promise.all(Array.from({ length: count }, (_, index) => this.#delete(from + index)))
    }
  }

  async #delete(offset: number): Promise<void> {
    try {
      await this.#options.manager.streams.deleteMessage(this.#options.stream, offset, false)
    } catch (error) {
      // another process was faster
      if (!(error instanceof JetStreamApiError && error.status === notFound)) throw error
    }
  }

  /** Begins nothing more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#trimming.idle()
  }
}
