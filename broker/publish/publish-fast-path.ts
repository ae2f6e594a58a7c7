import type { JournalRecord } from '#journal/journal.ts'
import type { ConnectedClient } from '../aedes/aedes-client.ts'
import type { AuthenticatedClients } from '../auth/authenticated-clients.ts'
import type { ClientRights } from '../auth/authorization.ts'
import { authorizePublish } from '../auth/authorize-publish.ts'
import type { FastPath, PausedReader } from '../connection/fast-path.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import { hasLevelsOfReading } from '../subscribe/subscriptions.ts'
import { headerLength } from '../wire/packet-length.ts'
import { encodePubacks } from '../wire/pubacks.ts'
import type { AppendListener, JournalWriter } from './journal-writer.ts'

/** What the fast paths of all clients share. */
export interface FastPathOptions {
  journalWriter: Pick<JournalWriter, 'append'>
  /** the rights are another object once they have changed */
  clients: Pick<AuthenticatedClients, 'rightsOf' | 'serviceUserOf'>
  limits: Pick<BrokerLimits, 'MAX_TOPIC_LENGTH' | 'MAX_TOPIC_LEVELS'>
  /** Delivers a reading to its subscribers once it is in the journal. */
  deliver(record: JournalRecord, qos: 0 | 1): void
}

/** bytes of one client that wait for the journal, at which nothing more is read from it */
const maxWaitingBytes = 16_384
/** most bytes of a packet for the fast path: a larger one, a gateway's batch, goes to Aedes in pieces */
const maxPacketBytes = 8_192

const nothing = Buffer.alloc(0)

const sizeOf = ({ topic, payload }: JournalRecord) => topic.length + payload.byteLength

/**
 * Publishes readings without Aedes: a PUBLISH with QoS 0 or 1 to a topic of readings goes from the connection's bytes to the journal,
 * and the PUBACKs of one synced write are sent together. Through Aedes such a packet costs more than in journal and store together.
 * Every other packet goes to Aedes; one that may not be published there is refused by the publish handler.
 */
export class PublishFastPath implements FastPath, AppendListener {
  readonly #client: ConnectedClient
  readonly #options: FastPathOptions
  readonly #reader: PausedReader
  /** the topic authorized last: a sensor has no other */
  #topic = ''
  #topicBytes = nothing
  #user: string | undefined
  /** the rights by which it was authorized */
  #rights: ClientRights | undefined
  /** readings that the journal does not have yet, and their bytes */
  #waiting = 0
  #waitingBytes = 0
  /** message ids to acknowledge */
  #appended: number[] = []
  /** whether the client does not read its PUBACKs */
  #stuck = false

  constructor(client: ConnectedClient, reader: PausedReader, options: FastPathOptions) {
    this.#client = client
    this.#reader = reader
    this.#options = options
  }

  get busy(): boolean {
    return this.#waiting > 0
  }

  get full(): boolean {
    return this.#stuck || this.#waitingBytes >= maxWaitingBytes
  }

  mayPublish(firstByte: number, length: number): boolean {
    // PUBLISH, retained or not: QoS 0, or QoS 1 for the first time or again
    return length <= maxPacketBytes && ((firstByte & 0xfe) === 0x30 || (firstByte & 0xf6) === 0x32)
  }

  isReading(bytes: Buffer, from: number, to: number): boolean {
    return this.#payloadAt(bytes, from, to) !== undefined
  }

  publish(bytes: Buffer, from: number, to: number): boolean {
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
    this.#options.journalWriter.append(record, this, hasId(bytes, from) ? bytes.readUInt16BE(payloadAt - 2) : 0)
    return true
  }

  /** Where the payload begins, with `#topic` what it is published to; undefined when the packet is not for the fast path. */
  #payloadAt(bytes: Buffer, from: number, to: number): number | undefined {
    const topicAt = from + headerLength(bytes, from) + 2
    if (topicAt > to) return undefined
    const topicEnd = topicAt + bytes.readUInt16BE(topicAt - 2)
    const payloadAt = hasId(bytes, from) ? topicEnd + 2 : topicEnd
    // a message id of 0 is none
    if (payloadAt > to || (payloadAt > topicEnd && bytes.readUInt16BE(topicEnd) === 0)) return undefined
    return this.#isAuthorized(bytes, topicAt, topicEnd) ? payloadAt : undefined
  }

  #isAuthorized(bytes: Buffer, from: number, to: number): boolean {
    const { clients, limits } = this.#options
    const rights = clients.rightsOf(this.#client)
    if (rights === this.#rights && same(this.#topicBytes, bytes, from, to)) return true
    const topic = bytes.toString('utf8', from, to)
    const decision = authorizePublish(topic, rights, limits)
    if (!decision.allowed || !decision.isReading || !hasLevelsOfReading(topic)) return false
    this.#rights = rights
    this.#user = clients.serviceUserOf(this.#client)
    this.#topic = topic
    this.#topicBytes = Buffer.from(bytes.subarray(from, to))
    return true
  }

  appended(record: JournalRecord, messageId: number): void {
    this.#waiting -= 1
    this.#waitingBytes -= sizeOf(record)
    if (messageId > 0) this.#appended.push(messageId)
    this.#options.deliver(record, messageId > 0 ? 1 : 0)
  }

  groupAppended(): void {
    const ids = this.#appended
    this.#appended = []
    const { conn, connected, closed } = this.#client
    if (!connected || closed || conn.destroyed) return
    if (ids.length > 0 && !conn.write(encodePubacks(ids)) && !this.#stuck) {
      this.#stuck = true
      this.#client.waitForDrain(() => {
        this.#stuck = false
        this.#reader.resume()
      })
    }
    this.#reader.resume()
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
