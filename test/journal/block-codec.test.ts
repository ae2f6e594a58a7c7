import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BlockDamagedError, BlockVersionError, decodeBlock, encodeBlock, recordBytes } from '#journal/block-codec.ts'
import type { JournalRecord } from '#journal/journal.ts'

const record: fc.Arbitrary<JournalRecord> = fc.record({
  topic: fc.string({ unit: 'grapheme', maxLength: 40 }),
  payload: fc.uint8Array({ maxLength: 200 }),
  arrivedAt: fc.double({ noNaN: true }),
})
const shared: fc.Arbitrary<JournalRecord> = fc
  .tuple(record, fc.option(fc.string({ unit: 'grapheme', maxLength: 20 }), { nil: undefined }))
  .map(([one, user]) => (user === undefined ? one : { ...one, user }))
const records = fc.array(record, { maxLength: 12 })

function encode(group: readonly JournalRecord[]): Buffer {
  return encodeBlock(
    group,
    group.reduce((sum, one) => sum + recordBytes(one), 0),
  )
}

/** Records with their payloads as plain arrays of bytes, whatever they are views of. */
function plain(group: Iterable<JournalRecord>) {
  return [...group].map(({ payload, ...rest }) => ({ ...rest, payload: Array.from(payload) }))
}

describe('a block', () => {
  it('gives back the records that went into it', () => {
    fc.assert(
      fc.property(records, (group) => {
        expect(plain(decodeBlock(encode(group)))).toEqual(plain(group))
      }),
    )
  })

  it('is as long as its records say', () => {
    fc.assert(
      fc.property(records, record, (group, one) => {
        expect(encode([...group, one]).length - encode(group).length).toBe(recordBytes(one))
      }),
    )
  })

  it('gives back who published each record, where that is said', () => {
    fc.assert(
      fc.property(fc.array(shared, { maxLength: 12 }), (group) => {
        expect(plain(decodeBlock(encode(group)))).toEqual(plain(group))
      }),
    )
  })

  it('says who published its records behind them, where a release that does not know of it does not read', () => {
    fc.assert(
      fc.property(fc.array(shared, { minLength: 1, maxLength: 12 }), (group) => {
        const bare = encode(group.map(({ user: _, ...one }) => one))
        expect(encode(group).subarray(5, bare.length)).toEqual(bare.subarray(5))
      }),
    )
  })

  it('leaves out who published a record when there are too many names, or one is too long', () => {
    const user = (n: number) => `user-${n}`
    const many = Array.from({ length: 300 }, (_, n) => ({ topic: 't', payload: Buffer.from('x'), arrivedAt: n }))
    const found = [...decodeBlock(encode(many.map((one, n) => ({ ...one, user: user(n) }))))]
    expect(found.map((one) => one.user)).toEqual(many.map((_, n) => (n < 255 ? user(n) : undefined)))
    const [long] = decodeBlock(encode([{ topic: 't', payload: Buffer.from('x'), arrivedAt: 0, user: 'u'.repeat(256) }]))
    expect(long).not.toHaveProperty('user')
  })

  it('is read wherever it lies in a larger buffer', () => {
    fc.assert(
      fc.property(records, fc.nat(40), fc.nat(40), (group, before, behind) => {
        const block = encode(group)
        const larger = new Uint8Array(before + block.length + behind).fill(0xff)
        larger.set(block, before)
        expect(plain(decodeBlock(larger.subarray(before, before + block.length)))).toEqual(plain(group))
      }),
    )
  })

  it.each([2, 3, 7, 63, 64, 200, 255])('of version %i is no damaged one: it is for another release', (found) => {
    const block = encode([{ topic: 't', payload: new Uint8Array([1]), arrivedAt: 0 }])
    block.writeUInt8(found, 0)
    expect(() => decodeBlock(block)).toThrow(BlockVersionError)
  })

  it('of another version may be laid out otherwise', () => {
    expect(() => decodeBlock(Buffer.from([2, ...new Uint8Array(60).fill(9)]))).toThrow(BlockVersionError)
    expect(() => decodeBlock(Buffer.from('this is no block'))).toThrow(BlockDamagedError)
  })

  it('with any one byte changed but that of its version is recognised as damaged', () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (group, at, change) => {
        const block = encode(group)
        const index = 1 + (at % (block.length - 1))
        block.writeUInt8(block.readUInt8(index) ^ change, index)
        expect(() => decodeBlock(block)).toThrow(BlockDamagedError)
      }),
    )
  })

  it('with its end cut off is recognised as damaged, wherever the cut is', () => {
    fc.assert(
      fc.property(records, fc.nat(), (group, at) => {
        const block = encode(group)
        expect(() => decodeBlock(block.subarray(0, at % block.length))).toThrow(BlockDamagedError)
      }),
    )
  })

  it('with bytes behind its end is recognised as damaged', () => {
    fc.assert(
      fc.property(records, fc.uint8Array({ minLength: 1, maxLength: 20 }), (group, more) => {
        expect(() => decodeBlock(Buffer.concat([encode(group), more]))).toThrow(BlockDamagedError)
      }),
    )
  })

  it.each([
    ['more records than there are', 5],
    ['a topic longer than the block', 17],
    ['a payload longer than the block', 19],
  ])('that says %s is damaged, though its checksum fits', (_what, at) => {
    const block = encode([{ topic: 't', payload: new Uint8Array([1]), arrivedAt: 0 }])
    block.writeUInt8(200, at)
    block.writeUInt32LE(crc32(block.subarray(5)), 1)
    expect(() => decodeBlock(block)).toThrow(BlockDamagedError)
  })

  it('holds a topic of the greatest length that MQTT has', () => {
    const topic = 'đ'.repeat(32_767)
    const [only] = decodeBlock(encode([{ topic, payload: new Uint8Array(0), arrivedAt: 0 }]))
    expect(only?.topic).toBe(topic)
  })
})
