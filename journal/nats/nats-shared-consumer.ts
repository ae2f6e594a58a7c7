import {
  AckPolicy,
  type Consumer,
  type ConsumerInfo,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JsMsg,
} from '@nats-io/jetstream'
import { SingleFlight } from '#telemetry/concurrency/single-flight.ts'
import { sleep } from '#telemetry/retry/sleep.ts'
import { BlockVersionError } from '../block-codec.ts'
import { decodeRawBlock } from '../decoding-reader.ts'
import type { JournalBlock, RawBlock, SharedConsumer } from '../journal.ts'
import { Acknowledgements } from './acknowledgements.ts'
import { firstLineOf } from './nats-connection.ts'
import type { StreamPlace } from './nats-reader.ts'
import { PullReader, rawBlock } from './pull-reader.ts'

/** ms without a sign of life after which a taken block goes to another process */
export const defaultAckWaitMs = 10_000
/** signs of life in that time */
const signsPerAckWait = 4
/** ms between two checks of what a killed process had in hand */
const pollMs = 250
const commitMs = 1_000
/** blocks that all consumers together may have in hand */
const maxAckPending = 4_096

export interface NatsSharedConsumerOptions extends StreamPlace {
  consumer: string
  /** the offset from which on the durable consumer begins when the server has none */
  committed: () => Promise<number>
  /** Sends a request; resolves with the answer, rejects when none comes. */
  request: (subject: string, payload: string) => Promise<unknown>
  /** ms without a sign of life after which a taken block goes to another process; the same for all that share the consumer */
  ackWaitMs: number
  /** called with the offset up to which all consumers are done */
  commit: (offset: number) => Promise<void>
}

/** Takes blocks from a durable pull consumer that other processes take from too, and acknowledges each that is done. */
export class NatsSharedConsumer implements SharedConsumer {
  readonly #options: NatsSharedConsumerOptions
  readonly #pull: PullReader
  readonly #acknowledgements: Acknowledgements
  /** taken, or on the way to being taken, and not done */
  readonly #inHand = new Map<number, JsMsg>()
  readonly #timers: NodeJS.Timeout[]
  readonly #committing = new SingleFlight(() => this.#commit())
  /** set by a block of another version: from then on nothing is taken */
  #foreign: BlockVersionError | undefined
  #closed = false

  constructor(options: NatsSharedConsumerOptions) {
    this.#options = options
    this.#acknowledgements = new Acknowledgements(options)
    this.#pull = new PullReader({
      open: () => this.#openConsumer(),
      usable: options.usable,
      accept: (message) => {
        if (this.#foreign) {
          message.nak()
          return false
        }
        if (this.#acknowledgements.isStored(message)) return false
        // one that is in hand comes again when signs of life were lost: its acknowledgement is the newer one's
        const known = this.#inHand.has(message.seq)
        this.#inHand.set(message.seq, message)
        return !known
      },
      log: options.log,
    })
    this.#timers = [
      setInterval(() => {
        for (const message of this.#inHand.values()) message.working()
      }, options.ackWaitMs / signsPerAckWait),
      setInterval(() => {
        if (!options.usable()) return
        void this.#acknowledgements.send()
        void this.#committing.run()
      }, commitMs),
    ]
  }

  async next(options: { maxRecords: number; waitMs: number }): Promise<JournalBlock[]> {
    if (this.#foreign) throw this.#foreign
    const blocks = await this.#readable(await this.#pull.next(options))
    if (blocks.length === 0 && this.#foreign) throw this.#foreign
    return blocks
  }

  /** The blocks up to the first of another version: that one and all behind it are given back, to processes that know it, and no more is taken. */
  async #readable(found: readonly RawBlock[]): Promise<JournalBlock[]> {
    const blocks: JournalBlock[] = []
    try {
      for (const block of found) blocks.push(decodeRawBlock(block, this.#options.log))
    } catch (error) {
      if (!(error instanceof BlockVersionError)) {
        this.#pull.putBack(found)
        throw error
      }
      this.#foreign = error
      await this.#pull.close()
      this.#nak(this.#heldBut(blocks))
    }
    return blocks
  }

  #heldBut(blocks: readonly JournalBlock[]): number[] {
    const given = new Set(blocks.map(({ offset }) => offset))
    return [...this.#inHand.keys()].filter((offset) => !given.has(offset))
  }

  /** Resolves when the server has confirmed it, or does not answer: it is then told again, and a block that comes again is known. */
  async acknowledge(blocks: readonly JournalBlock[]): Promise<void> {
    const messages = this.#messagesOf(blocks)
    for (const { offset } of blocks) this.#inHand.delete(offset)
    if (messages.length > 0) await this.#acknowledgements.acknowledge(messages)
  }

  /** They stay in hand, before all that is held here: given back to the server they would come behind newer ones. */
  release(blocks: readonly JournalBlock[]): void {
    if (this.#foreign) this.#nak(blocks.map(({ offset }) => offset))
    else this.#pull.putBack(this.#messagesOf(blocks).map(rawBlock))
  }

  #messagesOf(blocks: readonly JournalBlock[]): JsMsg[] {
    return blocks.map(({ offset }) => this.#inHand.get(offset)).filter((message) => message !== undefined)
  }

  #nak(offsets: readonly number[]): void {
    for (const offset of offsets) {
      this.#inHand.get(offset)?.nak()
      this.#inHand.delete(offset)
    }
  }

  async #openConsumer(): Promise<Consumer> {
    const { jetstream, manager, stream, consumer, log } = this.#options
    await this.#waitForUnacknowledged()
    // in this order: what is appended meanwhile must not look like an end that moved back
    const found = await this.#find()
    const { state } = await manager.streams.info(stream)
    if (found && found.delivered.stream_seq > state.last_seq) {
      log.error({ end: state.last_seq, taken: found.delivered.stream_seq }, 'the journal ends before what was taken')
      // what was appended since then took offsets anew: everything held is taken again, which the store takes as once
      await manager.consumers.delete(stream, consumer)
      await this.#addConsumer(state.first_seq)
    } else if (!found) await this.#addConsumer((await this.#options.committed()) + 1)
    return jetstream.consumers.get(stream, consumer)
  }

  /**
   * Blocks that a killed process had in hand, or that were on the way here when the connection was lost, come again only after a
   * while, and then before all others. Where nobody else takes, they are waited for: newer blocks taken first could be corrections
   * of what is in them.
   */
  async #waitForUnacknowledged(): Promise<void> {
    const until = performance.now() + this.#options.ackWaitMs + pollMs
    for (
      let found = await this.#find();
      this.#isAwaited(found) && performance.now() < until;
      found = await this.#find()
    )
      await sleep(pollMs)
  }

  #isAwaited(found: ConsumerInfo | undefined): boolean {
    if (this.#closed || !found || found.num_waiting > 0) return false
    return found.num_ack_pending > this.#inHand.size + this.#acknowledgements.unconfirmed
  }

  async #find(): Promise<ConsumerInfo | undefined> {
    try {
      return await this.#options.manager.consumers.info(this.#options.stream, this.#options.consumer)
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.ConsumerNotFound) return undefined
      throw error
    }
  }

  async #addConsumer(from: number): Promise<void> {
    await this.#options.manager.consumers.add(this.#options.stream, {
      durable_name: this.#options.consumer,
      ack_policy: AckPolicy.Explicit,
      ack_wait: this.#options.ackWaitMs * 1_000_000,
      max_ack_pending: maxAckPending,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: Math.max(1, from),
    })
  }

  /** Commits what all consumers are done with, so that it is trimmed. */
  async #commit(): Promise<void> {
    try {
      const found = await this.#find()
      if (found) await this.#options.commit(found.ack_floor.stream_seq)
    } catch (error) {
      this.#options.log.debug({ reason: firstLineOf(error) }, 'the offset cannot be committed now')
    }
  }

  /** Goes on by asking for the consumer anew. */
  restart(): void {
    this.#pull.restart()
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const timer of this.#timers) clearInterval(timer)
    await this.#pull.close()
    if (!this.#options.usable()) return
    // once this is answered the server knows that nothing more is pulled: what is given back goes to others, not here
    await this.#find().catch(() => {})
    await this.#acknowledgements.send()
    for (const message of this.#inHand.values()) message.nak()
    this.#inHand.clear()
    await this.#committing.run()
  }
}
