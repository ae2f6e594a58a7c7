import { crc32 } from 'node:zlib'
import { PlatformError } from '#telemetry/errors.ts'
import { decodeUsers, encodeUsers } from './block-users.ts'
import type { JournalRecord, JournalRecords } from './journal.ts'

/** version of the block format, its first byte */
const version = 1
/** a first byte beyond this is no version of a block, unless the rest of the block is whole */
const maxVersion = 63
/** version (1), CRC-32 of all that follows it (4), number of records (4) */
const headerBytes = 9
/** bytes of a record before its topic: arrival time (8), length of the topic (2), length of the payload (4) */
export const recordHeaderBytes = 14

/** A block is torn or damaged: nobody can read it. */
export class BlockDamagedError extends Error {
  override readonly name = 'BlockDamagedError'
}

/** A block is of a version that a newer release writes: it is not for this one to read, nor to leave out. */
export class BlockVersionError extends PlatformError {
  constructor(found: number) {
    super(
      'JOURNAL_VERSION',
      `the journal holds a block of version ${found}, this release reads ${version}: it is kept, and nothing behind it is read; start the release that wrote it, or a newer one`,
      { retryable: false },
    )
  }
}

/** Bytes that this record takes in a block, but for who published it, which is a byte, and a name once. Topics are at most 65,535 bytes long, as MQTT has it. */
export function recordBytes(record: JournalRecord): number {
  return recordHeaderBytes + Buffer.byteLength(record.topic) + record.payload.byteLength
}

/** Writes a group of records as one value: header, records, who published them. `bytes` is the sum of their {@link recordBytes}. */
export function encodeBlock(records: readonly JournalRecord[], bytes: number): Buffer {
  const users = encodeUsers(records)
  // of its own memory: what is handed to another thread is cloned with all that it shares its memory with
  const block = Buffer.allocUnsafeSlow(headerBytes + bytes + users.length)
  block.writeUInt8(version, 0)
  block.writeUInt32LE(records.length, 5)
  let at = headerBytes
  for (const { topic, payload, arrivedAt } of records) {
    const topicBytes = block.write(topic, at + recordHeaderBytes)
    block.writeDoubleLE(arrivedAt, at)
    block.writeUInt16LE(topicBytes, at + 8)
    block.writeUInt32LE(payload.byteLength, at + 10)
    at += recordHeaderBytes + topicBytes
    block.set(payload, at)
    at += payload.byteLength
  }
  block.set(users, at)
  block.writeUInt32LE(crc32(block.subarray(5)), 1)
  return block
}

/** How many records a block says it holds; 0 when it is too short to say. */
export function recordCount(bytes: Uint8Array): number {
  if (bytes.byteLength < headerBytes) return 0
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(5, true)
}

/**
 * The records of a block, which came to the journal at `checkedAt` by another clock. Payloads are views of `bytes`, not copies.
 * @throws BlockVersionError when the version is another one; what begins with no version at all, and is not whole, is no block
 * @throws BlockDamagedError when the checksum does not fit, or the records do not fit into the block
 */
export function decodeBlock(bytes: Uint8Array, checkedAt?: number): JournalRecords {
  const block = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (block.length < headerBytes) throw new BlockDamagedError(`a block of ${block.length} bytes is too short`)
  const found = block.readUInt8(0)
  const whole = block.readUInt32LE(1) === crc32(block.subarray(5))
  if (found !== version && (whole || (found > 0 && found <= maxVersion))) throw new BlockVersionError(found)
  if (!whole) throw new BlockDamagedError('a block fails its checksum')
  const length = recordCount(block)
  const userOf = decodeUsers(block, endOfRecords(block), length)
  return { length, [Symbol.iterator]: () => recordsOf(block, userOf, checkedAt) }
}

/** A checksum that fits does not say that what it was made of is a block: records are given only of one that holds them all. */
function endOfRecords(block: Buffer): number {
  let at = headerBytes
  for (let left = recordCount(block); left > 0; left--) {
    if (at + recordHeaderBytes > block.length) throw new BlockDamagedError('a block ends before its records do')
    at += recordHeaderBytes + block.readUInt16LE(at + 8) + block.readUInt32LE(at + 10)
  }
  if (at > block.length) throw new BlockDamagedError('a block ends before its last record does')
  return at
}

function* recordsOf(
  block: Buffer,
  userOf: (index: number) => string | undefined,
  checkedAt: number | undefined,
): Generator<JournalRecord, undefined> {
  let at = headerBytes
  const count = recordCount(block)
  for (let index = 0; index < count; index++) {
    const topicAt = at + recordHeaderBytes
    const payloadAt = topicAt + block.readUInt16LE(at + 8)
    const end = payloadAt + block.readUInt32LE(at + 10)
    const record: JournalRecord = {
      arrivedAt: block.readDoubleLE(at),
      topic: block.toString('utf8', topicAt, payloadAt),
      payload: block.subarray(payloadAt, end),
      ...(checkedAt !== undefined && { checkedAt }),
    }
    const user = userOf(index)
    if (user !== undefined) record.user = user
    yield record
    at = end
  }
}
