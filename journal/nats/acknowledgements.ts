import type { JsMsg } from '@nats-io/jetstream'
import type { Logger } from 'pino'
import { SingleFlight } from '#telemetry/concurrency/single-flight.ts'
import { firstLineOf } from './nats-connection.ts'

/** blocks that are remembered as stored, so that none is given out twice; the server lets all consumers have a quarter of that in hand */
const maxRemembered = 16_384
/** times that an acknowledgement is sent while the server can be reached */
const maxTries = 60

export interface AcknowledgementsOptions {
  /** Sends a request; resolves with the answer, rejects when none comes. */
  request: (subject: string, payload: string) => Promise<unknown>
  log: Logger
}

/**
 * Acknowledges the blocks that this process has stored, in order, until the server confirms each. One that comes again all the
 * same (its acknowledgement was lost, or the server forgot it) is known, and acknowledged again: written again it would undo the
 * corrections that came since.
 */
export class Acknowledgements {
  readonly #options: AcknowledgementsOptions
  /** not confirmed: the message, and how often it was tried */
  readonly #unconfirmed = new Map<number, { message: JsMsg; tries: number }>()
  /** by offset: when the stream took the block (ns), for a stream that lost its end gives offsets anew */
  readonly #stored = new Map<number, bigint>()
  readonly #sending = new SingleFlight(() => this.#send())

  constructor(options: AcknowledgementsOptions) {
    this.#options = options
  }

  /** blocks that the server has not confirmed yet */
  get unconfirmed(): number {
    return this.#unconfirmed.size
  }

  /** Resolves when these, and all that are not confirmed yet, were sent once more and answered, or had no answer. */
  async acknowledge(messages: readonly JsMsg[]): Promise<void> {
    for (const message of messages) {
      this.#stored.set(message.seq, message.timestampNanos)
      this.#unconfirmed.set(message.seq, { message, tries: 0 })
    }
    for (const offset of this.#stored.keys()) {
      if (this.#stored.size <= maxRemembered) break
      this.#stored.delete(offset)
    }
    await this.#sending.idle()
    await this.send()
  }

  /** Whether this process has stored the block; it is then acknowledged again. */
  isStored(message: JsMsg): boolean {
    if (this.#stored.get(message.seq) !== message.timestampNanos) return false
    this.#unconfirmed.set(message.seq, { message, tries: 0 })
    void this.send()
    return true
  }

  /** Sends again what is not confirmed. Never rejects. */
  send(): Promise<void> {
    return this.#sending.run()
  }

  async #send(): Promise<void> {
    // all at once, the oldest first: on one connection a later one does not arrive without the earlier ones
    const offsets = [...this.#unconfirmed.keys()].sort((one, other) => one - other)
    await Promise.all(offsets.map((offset) => this.#sendOne(offset)))
  }

  async #sendOne(offset: number): Promise<void> {
    const sent = this.#unconfirmed.get(offset)
    if (!sent) return
    const isNewest = () => this.#unconfirmed.get(offset) === sent
    try {
      await this.#options.request(replyOf(sent.message), '+ACK')
      if (isNewest()) this.#unconfirmed.delete(offset)
    } catch (error) {
      sent.tries += 1
      this.#options.log.debug({ offset, reason: firstLineOf(error) }, 'an acknowledgement is not confirmed')
      if (sent.tries < maxTries || !isNewest()) return
      this.#unconfirmed.delete(offset)
      this.#options.log.warn({ offset }, 'NATS does not confirm that a block is done; it is left to come again')
    }
  }
}

/** Where a message is acknowledged: its class says it, the interface does not, and its own methods acknowledge only once. */
function replyOf(message: JsMsg): string {
  return 'reply' in message && typeof message.reply === 'string' ? message.reply : ''
}
