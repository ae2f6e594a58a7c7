import { randomUUID } from 'node:crypto'
import type { JetStreamClient } from '@nats-io/jetstream'
import { ConfigError, JournalFullError } from '#telemetry/errors.ts'
import type { SteadyClock } from '#telemetry/steady-clock.ts'
import { encodeBlock, recordBytes } from '../block-codec.ts'
import { type Group, GroupCommit } from '../group-commit.ts'
import type { JournalRecord } from '../journal.ts'
import { createClockHeader } from './block-clocks.ts'
import { createJournalFullError, toJournalError } from './nats-connection.ts'

/** bytes of one block at most; the server's default max_payload is twice that */
export const maxBlockBytes = 524_288
/** bytes of a message that are not its records: headers, the block's own, who published */
export const messageOverhead = 1_024
/** bytes that may wait for the server */
const maxPendingBytes = 67_108_864
/** ms that one try of a publication may take, and how many tries there are */
const publishMs = 1_000
const publishTries = 6

interface NatsAppenderOptions {
  jetstream: JetStreamClient
  subject: string
  /** bytes of a message that the server takes */
  maxPayload: number
  /** bytes that the server refuses to go beyond */
  serverMaxBytes: number
  clock: SteadyClock
  /** Bytes that the stream holds now. */
  streamBytes: () => Promise<number>
  /** @throws UnreachableError while the connection is lost */
  requireUsable: () => void
}

/** Appends records to the stream of the journal, in groups: a group is one message. */
export class NatsAppender {
  readonly #options: NatsAppenderOptions
  readonly #groups: GroupCommit
  readonly #blockBytes: number
  /** settles once the newest question about room is answered */
  #askingForRoom: Promise<void> | undefined

  constructor(options: NatsAppenderOptions) {
    this.#options = options
    this.#blockBytes = Math.min(maxBlockBytes, Math.floor(options.maxPayload / 2))
    this.#groups = new GroupCommit((group) => this.#publish(group), this.#blockBytes)
  }

  /** Resolves when the stream has them; rejects with JournalFullError when there is no room: nothing of this call is then kept. */
  async append(records: readonly JournalRecord[]): Promise<void> {
    let bytes = 0
    for (const record of records) {
      const size = recordBytes(record)
      if (size + messageOverhead > this.#options.maxPayload)
        throw new ConfigError(
          `NATS_URL: a message of ${size} bytes is larger than the server takes (max_payload ${this.#options.maxPayload}); raise max_payload, or lower MAX_PACKET_BYTES`,
        )
      bytes += size
    }
    if (this.#groups.pendingBytes > maxPendingBytes)
      throw new JournalFullError(`${this.#groups.pendingBytes} bytes wait for NATS, which does not keep up`)
    const before = this.#askingForRoom
    if (bytes > this.#blockBytes) await this.#askForRoom(bytes, before)
    else if (before) await before
    await this.#groups.append(records)
  }

  /** Asks after earlier questions are answered. What is appended meanwhile waits: order is kept. */
  #askForRoom(bytes: number, before: Promise<void> | undefined): Promise<void> {
    const asked = (before ?? Promise.resolve()).then(() => this.#requireRoom(bytes))
    const answered = asked
      .catch(() => {}) // reported to the caller
      .then(() => {
        if (this.#askingForRoom === answered) this.#askingForRoom = undefined
      })
    this.#askingForRoom = answered
    return asked
  }

  /** Nothing is appended of records that need several blocks when the later blocks would be refused. */
  async #requireRoom(bytes: number): Promise<void> {
    const streamBytes = await this.#options.streamBytes()
    if (streamBytes + this.#groups.pendingBytes + bytes + messageOverhead > this.#options.serverMaxBytes)
      throw createJournalFullError()
  }

  async #publish({ records, bytes }: Group): Promise<void> {
    this.#options.requireUsable()
    try {
      // the stream keeps one of those that bear the same id, so a try whose answer was lost does no harm
      const options = {
        ...{ msgID: randomUUID(), timeout: publishMs, retries: publishTries },
        headers: createClockHeader(this.#options.clock),
      }
      await this.#options.jetstream.publish(this.#options.subject, encodeBlock(records, bytes), options)
    } catch (error) {
      throw toJournalError(error)
    }
  }

  /** Resolves when everything that was appended is in the stream, or refused. */
  drain(): Promise<void> {
    return this.#groups.drain()
  }
}
