import type { JournalRecord } from '#journal/journal.ts'
import type { ConnectedClient } from '../aedes/aedes-client.ts'
import type { FastPath, ResumableReader } from '../connection/socket-reader.ts'
import { headerLength } from '../wire/packet-length.ts'
import { encodePubacks } from '../wire/pubacks.ts'
import type { AppendListener, JournalWriter } from './journal-writer.ts'

/** What the lanes of all clients share. */
export interface FastPathOptions {
  gate: JournalWriter
  /** What a client's rights are; another object once they have changed. */
  rightsOf(client: ConnectedClient): unknown
  /** Whether this topic is one of readings, to which this client may publish. */
  admits(client: ConnectedClient, topic: string): boolean
  /** The user of a client that speaks for many sensors. */
  sharedUserOf(client: ConnectedClient): string | undefined
  /** Told of each reading once it is kept. */
  kept(record: JournalRecord, qos: 0 | 1): void
}

/** bytes of one client that wait for the journal, at which nothing more is taken of it */
const maxWaitingBytes = 16_384
/** most bytes of a packet that is taken: a larger one, a gateway's batch, Aedes gets bit by bit */
const maxPacketBytes = 8_192

const nothing = Buffer.alloc(0)

const sizeOf = ({ topic, payload }: JournalRecord) => topic.length + payload.byteLength

/**
 * The short way of readings: a PUBLISH with QoS 0 or 1 to a topic of readings goes from the connection's bytes to the
 * journal, and the PUBACKs of one synced write go back as one piece. On the long way, through Aedes, such a packet costs
 * more than in journal and store together. What the lane does not admit, Aedes gets, with all that it does to wrong packets.
 */
export class PublishFastPath implements FastPath, AppendListener {
  readonly #client: ConnectedClient
  readonly #options: FastPathOptions
  readonly #intake: ResumableReader
  /** the topic admitted last: a sensor has no other */
  #topic = ''
  #topicBytes = nothing
  #user: string | undefined
  /** the rights by which it was admitted */
  #rights: unknown
  /** readings that the journal does not have yet, and their bytes */
  #waiting = 0
  #waitingBytes = 0
  /** message ids to acknowledge */
  #kept: number[] = []
  /** whether the client does not read its PUBACKs */
  #stuck = false

  constructor(client: ConnectedClient, intake: ResumableReader, options: FastPathOptions) {
    this.#client = client
    this.#intake = intake
    this.#options = options
  }

  get busy(): boolean {
    return this.#waiting > 0
  }

  get full(): boolean {
    return this.#stuck || this.#waitingBytes >= maxWaitingBytes
  }

  mayTake(firstByte: number, length: number): boolean {
    // PUBLISH, retained or not: QoS 0, or QoS 1 for the first time or again
    return length <= maxPacketBytes && ((firstByte & 0xfe) === 0x30 || (firstByte & 0xf6) === 0x32)
  }

  owns(bytes: Buffer, from: number, to: number): boolean {
    return this.#payloadAt(bytes, from, to) !== undefined
  }

  take(bytes: Buffer, from: number, to: number): boolean {
    const payloadAt = this.#payloadAt(bytes, from, to)
    if (payloadAt === undefined) return false
    const record: JournalRecord = {
      topic: this.#topic,
      payload: bytes.subarray(payloadAt, to),
      arrivedAt: Date.now(),
    }
    if (this.#user !== undefined) record.user = this.#user
    this.#waiting += 1
    this.#waitingBytes += sizeOf(record)
    this.#client._keepaliveTimer?.refresh()
    this.#options.gate.bring(record, this, hasId(bytes, from) ? bytes.readUInt16BE(payloadAt - 2) : 0)
    return true
  }

  /** Where the payload begins, with `#topic` what it is published to; undefined when the packet is not for the lane. */
  #payloadAt(bytes: Buffer, from: number, to: number): number | undefined {
    const topicAt = from + headerLength(bytes, from) + 2
    if (topicAt > to) return undefined
    const topicEnd = topicAt + bytes.readUInt16BE(topicAt - 2)
    const payloadAt = hasId(bytes, from) ? topicEnd + 2 : topicEnd
    // a message id of 0 is none
    if (payloadAt > to || (payloadAt > topicEnd && bytes.readUInt16BE(topicEnd) === 0)) return undefined
    return this.#admits(bytes, topicAt, topicEnd) ? payloadAt : undefined
  }

  #admits(bytes: Buffer, from: number, to: number): boolean {
    const rights = this.#options.rightsOf(this.#client)
    if (rights === this.#rights && same(this.#topicBytes, bytes, from, to)) return true
    const topic = bytes.toString('utf8', from, to)
    if (!this.#options.admits(this.#client, topic)) return false
    this.#rights = rights
    this.#user = this.#options.sharedUserOf(this.#client)
    this.#topic = topic
    this.#topicBytes = Buffer.from(bytes.subarray(from, to))
    return true
  }

  kept(record: JournalRecord, messageId: number): void {
    this.#waiting -= 1
    this.#waitingBytes -= sizeOf(record)
    if (messageId > 0) this.#kept.push(messageId)
    this.#options.kept(record, messageId > 0 ? 1 : 0)
  }

  settled(): void {
    const ids = this.#kept
    this.#kept = []
    const { conn, connected, closed } = this.#client
    if (!connected || closed || conn.destroyed) return
    if (ids.length > 0 && !conn.write(encodePubacks(ids)) && !this.#stuck) {
      this.#stuck = true
      this.#client.waitForDrain(() => {
        this.#stuck = false
        this.#intake.wake()
      })
    }
    this.#intake.wake()
  }

  failed(error: unknown): void {
    this.#client.conn.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}

/** Whether the PUBLISH at `at` has QoS 1, and so a message id. */
const hasId = (bytes: Buffer, at: number) => ((bytes[at] ?? 0) & 2) !== 0

/** Faster than Buffer's own comparison for so few bytes. */
function same(known: Buffer, bytes: Buffer, from: number, to: number): boolean {
  if (known.length !== to - from || to === from) return false
  for (let at = from; at < to; at++) if (bytes[at] !== known[at - from]) return false
  return true
}
