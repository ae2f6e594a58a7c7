import type { JsMsg } from '@nats-io/jetstream'
import type { Logger } from 'pino'
import { messageOf } from './nats-connection.ts'

/** blocks that are remembered as stored, so that none is given out twice; the server lets all takers have a quarter of that in hand */
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
  readonly #open = new Map<number, { message: JsMsg; tries: number }>()
  /** by position: when the stream took the block (ns), for a stream that lost its end gives positions anew */
  readonly #stored = new Map<number, bigint>()
  #sending: Promise<void> | undefined

  constructor(options: AcknowledgementsOptions) {
    this.#options = options
  }

  /** blocks that the server has not confirmed yet */
  get open(): number {
    return this.#open.size
  }

  /** Resolves when these, and all that are not confirmed yet, were sent once more and answered, or had no answer. */
  async done(messages: readonly JsMsg[]): Promise<void> {
    for (const message of messages) {
      this.#stored.set(message.seq, message.timestampNanos)
      this.#open.set(message.seq, { message, tries: 0 })
    }
    for (const position of this.#stored.keys()) {
      if (this.#stored.size <= maxRemembered) break
      this.#stored.delete(position)
    }
    await this.#sending
    await this.send()
  }

  /** Whether this process has stored the block; it is then acknowledged again. */
  isStored(message: JsMsg): boolean {
    if (this.#stored.get(message.seq) !== message.timestampNanos) return false
    this.#open.set(message.seq, { message, tries: 0 })
    void this.send()
    return true
  }

  /** Sends again what is not confirmed. Never rejects. */
  send(): Promise<void> {
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined
    })
    return this.#sending
  }

  async #send(): Promise<void> {
    // all at once, the oldest first: on one connection a later one does not arrive without the earlier ones
    const positions = [...this.#open.keys()].sort((one, other) => one - other)
    await Promise.all(positions.map((position) => this.#sendOne(position)))
  }

  async #sendOne(position: number): Promise<void> {
    const sent = this.#open.get(position)
    if (!sent) return
    const isLast = () => this.#open.get(position) === sent
    try {
      await this.#options.request(replyOf(sent.message), '+ACK')
      if (isLast()) this.#open.delete(position)
    } catch (error) {
      sent.tries += 1
      this.#options.log.debug({ position, reason: messageOf(error) }, 'an acknowledgement is not confirmed')
      if (sent.tries < maxTries || !isLast()) return
      this.#open.delete(position)
      this.#options.log.warn({ position }, 'NATS does not confirm that a block is done; it is left to come again')
    }
  }
}

/** Where a message is acknowledged: its class says it, the interface does not, and its own methods acknowledge only once. */
function replyOf(message: JsMsg): string {
  return 'reply' in message && typeof message.reply === 'string' ? message.reply : ''
}
