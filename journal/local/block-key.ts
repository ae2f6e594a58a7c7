/** What the key of a block says of it, so that size and age are known without reading any block. */
export interface BlockKey {
  offset: number
  /** bytes of all blocks ever appended before this one */
  bytesBefore: number
  /** bytes of this block */
  bytes: number
  /** arrival time of its first record, epoch ms */
  arrivedAt: number
  /** when it was written by a clock that does not jump, epoch ms; absent in blocks of releases that had none */
  checkedAt?: number | undefined
}

/** Blocks sort by offset behind this byte; everything else is kept in front of it. */
const prefix = 0x62

/** bytes of a key with `checkedAt`, and of one without */
const length = 41
const shortLength = 33

/** 1 byte of prefix and big-endian numbers of 8 bytes: offset, bytes before, bytes, arrival time, checked time. Older releases read over the last. */
export function encodeKey(key: BlockKey): Buffer {
  const buffer = Buffer.allocUnsafe(key.checkedAt === undefined ? shortLength : length)
  buffer.writeUInt8(prefix, 0)
  buffer.writeBigUInt64BE(BigInt(key.offset), 1)
  buffer.writeBigUInt64BE(BigInt(key.bytesBefore), 9)
  buffer.writeBigUInt64BE(BigInt(key.bytes), 17)
  buffer.writeBigUInt64BE(BigInt(Math.max(0, Math.floor(key.arrivedAt))), 25)
  if (key.checkedAt !== undefined) buffer.writeBigUInt64BE(BigInt(Math.max(0, Math.floor(key.checkedAt))), 33)
  return buffer
}

export function decodeKey(bytes: Uint8Array): BlockKey {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const number = (at: number) => Number(buffer.readBigUInt64BE(at))
  return {
    ...{ offset: number(1), bytesBefore: number(9), bytes: number(17), arrivedAt: number(25) },
    ...(buffer.length >= length && { checkedAt: number(33) }),
  }
}

/** A key that sorts in front of every block from `offset` on, and behind every earlier one. */
export function keyFrom(offset: number): Buffer {
  const buffer = Buffer.allocUnsafe(9)
  buffer.writeUInt8(prefix, 0)
  buffer.writeBigUInt64BE(BigInt(offset), 1)
  return buffer
}

/** Behind every block. */
export const keyEnd = Buffer.from([prefix + 1])
