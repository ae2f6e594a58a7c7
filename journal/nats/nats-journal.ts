import { type JetStreamClient, type JetStreamManager, jetstream, type StreamState } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Logger } from 'pino'
import { ConfigError, UnreachableError } from '#telemetry/errors.ts'
import { SteadyClock } from '#telemetry/steady-clock.ts'
import { recordHeaderBytes } from '../block-codec.ts'
import { applyClockLowerBound } from '../clock-lower-bound.ts'
import { createDecodingReader } from '../decoding-reader.ts'
import type {
  Journal,
  JournalBroadcast,
  JournalReader,
  JournalRecord,
  JournalStats,
  RawReader,
  SharedJournal,
} from '../journal.ts'
import { ActiveReaders } from './active-readers.ts'
import { ArrivalLookup } from './arrival-lookup.ts'
import { sentAt } from './block-clocks.ts'
import { prepareStream } from './journal-stream.ts'
import { maxBlockBytes, messageOverhead, NatsAppender } from './nats-appender.ts'
import { createNatsBroadcast } from './nats-broadcast.ts'
import { connectNats, journalName, openJetStream, requestMs, toJournalError } from './nats-connection.ts'
import { NatsOffsets } from './nats-offsets.ts'
import { NatsReader, type StreamPlace } from './nats-reader.ts'
import { defaultAckWaitMs, NatsSharedConsumer } from './nats-shared-consumer.ts'
import { subscribeToNewBlocks } from './nats-subscription.ts'
import { StreamAvailability } from './stream-availability.ts'
import { Trimmer } from './trimmer.ts'

export interface NatsJournalOptions {
  /** of the server, or of several separated by commas: `nats://host:4222`, `nats://user:password@host`, `tls://token@host` */
  url: string
  /** who reads it: what one of them has not committed is kept */
  consumers: readonly string[]
  maxBytes: number
  log: Logger
  /** name of the stream; its subject is the same with dots for dashes */
  stream?: string
  /** ms without a sign of life after which a block that one process has in hand goes to another; 10,000 unless told */
  ackWaitMs?: number
}

/** least max_payload of a server that can be used: what the smallest MAX_PACKET_BYTES allows must fit */
const leastMaxPayload = 4_096

/**
 * Opens the journal on NATS JetStream: a group of records is one message of one stream, its offset the message's
 * sequence; committed offsets are in a key-value bucket of the stream's name. Several processes may append, and
 * several may take blocks for one consumer: they share a durable pull consumer and acknowledge each block that is done;
 * up to which offset all is done is then committed.
 *
 * An append resolves with the stream's acknowledgement. That a nats-server before 2.10 gives when the operating system
 * has the message, and syncs the disk every two minutes: a killed server loses nothing, a power cut may. From 2.10 on
 * `jetstream { sync_interval: always }` syncs before acknowledging; a cluster with three replicas survives the loss of
 * one machine either way.
 * @throws UnreachableError when no server answers
 * @throws ConfigError when the server refuses the user, has no JetStream, takes only tiny messages, or cannot set `maxBytes` aside
 */
export async function openNatsJournal(options: NatsJournalOptions): Promise<Journal> {
  const connection = await connectNats(options.url, options.log)
  try {
    const manager = await openJetStream(connection)
    const journal = new NatsJournal(
      { stream: journalName, ackWaitMs: defaultAckWaitMs, ...options },
      connection,
      manager,
    )
    await journal.open()
    return journal
  } catch (error) {
    await connection.close()
    throw toJournalError(error)
  }
}

class NatsJournal implements Journal {
  readonly #options: Required<NatsJournalOptions>
  readonly #subject: string
  readonly #connection: NatsConnection
  readonly #manager: JetStreamManager
  readonly #jetstream: JetStreamClient
  readonly #appender: NatsAppender
  readonly #arrivals: ArrivalLookup
  readonly #trimmer: Trimmer
  readonly #offsets: NatsOffsets
  readonly #readers = new ActiveReaders()
  readonly #committed = new Map<string, number>()
  readonly #maxPayload: number
  /** begins with the newest time in the stream at least */
  readonly #clock = new SteadyClock()
  readonly #availability: StreamAvailability
  #closing: Promise<void> | undefined

  constructor(options: Required<NatsJournalOptions>, connection: NatsConnection, manager: JetStreamManager) {
    this.#options = options
    this.#subject = options.stream.replaceAll('-', '.')
    this.#connection = connection
    this.broadcast = createNatsBroadcast(connection, `${this.#subject}-broadcast`, options.log)
    this.#manager = manager
    this.#jetstream = jetstream(connection, { timeout: requestMs })
    this.#maxPayload = connection.info?.max_payload ?? 2 * maxBlockBytes
    this.#appender = new NatsAppender({
      jetstream: this.#jetstream,
      subject: this.#subject,
      maxPayload: this.#maxPayload,
      serverMaxBytes: this.#serverMaxBytes,
      clock: this.#clock,
      streamBytes: async () => (await this.#streamState()).bytes,
      requireUsable: () => this.#availability.requireUsable(),
    })
    this.#offsets = new NatsOffsets(this.#jetstream, options.stream)
    this.#arrivals = new ArrivalLookup(manager, options.stream)
    this.#trimmer = new Trimmer({ ...options, manager, offsets: this.#offsets })
    this.#availability = new StreamAvailability({
      ...{ connection, log: options.log },
      prepare: () => this.#prepare(),
      onChange: () => this.#readers.restartAll(),
    })
  }

  get maxMessageBytes(): number {
    return this.#maxPayload - messageOverhead - recordHeaderBytes
  }

  /** What the server refuses to go beyond: the newest committed block stays until a newer one is committed, and takes nobody's room. */
  get #serverMaxBytes(): number {
    return this.#options.maxBytes + this.#maxPayload
  }

  /** Makes the stream and the bucket, or puts them in order; looks after them again whenever the connection was lost. */
  async open(): Promise<void> {
    if (this.#maxPayload < leastMaxPayload)
      throw new ConfigError(
        `NATS_URL: the server's max_payload is ${this.#maxPayload}; at least ${leastMaxPayload} is needed`,
      )
    await this.#availability.start()
  }

  async #prepare(): Promise<void> {
    const { stream, consumers, log } = this.#options
    const limits = { stream, subject: this.#subject, maxBytes: this.#serverMaxBytes }
    const { state } = await prepareStream(this.#manager, limits)
    const newest = state.messages > 0 ? await this.#manager.streams.getMessage(stream, { seq: state.last_seq }) : null
    if (newest) applyClockLowerBound(this.#clock, sentAt({ time: newest.time, headers: newest.header }), log)
    await this.#offsets.open()
    for (const consumer of consumers) {
      const committed = await this.#offsets.get(consumer)
      if (committed > state.last_seq) {
        log.error({ consumer, committed, end: state.last_seq }, 'the journal ends before what was committed')
        await this.#offsets.put(consumer, state.last_seq)
      }
      this.#committed.set(consumer, Math.min(committed, state.last_seq))
    }
  }

  async append(records: readonly JournalRecord[]): Promise<void> {
    this.#requireOpen()
    this.#availability.requireUsable()
    await this.#appender.append(records)
  }

  #requireOpen(): void {
    if (this.#closing) throw new UnreachableError('the journal is closed')
  }

  async #streamState(): Promise<StreamState> {
    const { state } = await this.#ask(() => this.#manager.streams.info(this.#options.stream))
    return state
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    this.#requireOpen()
    this.#availability.requireUsable()
    try {
      return await question()
    } catch (error) {
      throw toJournalError(error)
    }
  }

  async read(offset: number): Promise<JournalReader> {
    return createDecodingReader(await this.readRaw(offset), this.#options.log)
  }

  async readRaw(offset: number): Promise<RawReader> {
    this.#requireOpen()
    const reader = this.#readers.add(new NatsReader(offset, this.#place))
    return { next: (options) => reader.next(options), close: () => this.#readers.close(reader) }
  }

  get #place(): StreamPlace {
    const { stream, log } = this.#options
    return {
      jetstream: this.#jetstream,
      manager: this.#manager,
      stream,
      usable: () => this.#availability.isUsable,
      log,
    }
  }

  readonly broadcast: JournalBroadcast

  readonly share: SharedJournal = {
    consume: async (consumer) => {
      this.#requireOpen()
      const committed = () => this.committed(consumer)
      const commit = (offset: number) => this.commit(consumer, offset)
      const request = (subject: string, payload: string) =>
        this.#connection.request(subject, payload, { timeout: requestMs })
      const { ackWaitMs } = this.#options
      const opened = this.#readers.add(
        new NatsSharedConsumer({ ...this.#place, consumer, committed, commit, request, ackWaitMs }),
      )
      return {
        next: (options) => opened.next(options),
        acknowledge: (blocks) => opened.acknowledge(blocks),
        release: (blocks) => opened.release(blocks),
        close: () => this.#readers.close(opened),
      }
    },
    subscribe: async () => {
      this.#requireOpen()
      const subscription = this.#readers.add(subscribeToNewBlocks(this.#place))
      const raw = { next: subscription.next.bind(subscription), close: () => this.#readers.close(subscription) }
      return createDecodingReader(raw, this.#options.log)
    },
  }

  async end(): Promise<number> {
    return (await this.#streamState()).last_seq
  }

  async committed(consumer: string): Promise<number> {
    return this.#ask(() => this.#offsets.get(consumer))
  }

  async commit(consumer: string, offset: number): Promise<void> {
    if (offset <= (this.#committed.get(consumer) ?? 0)) return
    await this.#ask(() => this.#offsets.put(consumer, offset))
    this.#committed.set(consumer, offset)
    this.#trimmer.trim()
  }

  async stats(): Promise<JournalStats> {
    const { stream, consumers, maxBytes } = this.#options
    return this.#ask(async () => {
      const done = await this.#offsets.slowest(consumers)
      const { state } = await this.#manager.streams.info(stream)
      const oldest = Math.max(done + 1, state.first_seq)
      if (state.messages === 0 || oldest > state.last_seq) return { bytes: 0, maxBytes, blocks: 0, oldestAt: undefined }
      const oldestAt = await this.#arrivals.of(oldest)
      return { bytes: state.bytes, maxBytes, blocks: state.last_seq - oldest + 1, oldestAt }
    })
  }

  close(): Promise<void> {
    this.#availability.close()
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#appender.drain()
    await this.#readers.closeAll()
    await this.#trimmer.close()
    await this.#connection.close()
  }
}
