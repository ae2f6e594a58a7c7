import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeBlock, recordBytes } from '#journal/block-codec.ts'
import type { JournalRecord, RawBlock } from '#journal/journal.ts'
import { RecentBlocks } from '#journal/local/recent-blocks.ts'

const record: JournalRecord = { topic: 'a/topic', payload: Buffer.from('{}'), arrivedAt: 0 }

function block(offset: number, records: number): RawBlock {
  const bytes = encodeBlock(
    Array.from({ length: records }, () => record),
    records * recordBytes(record),
  )
  return { offset, bytes }
}

type Step = { does: 'add'; records: number; gap: number } | { does: 'dropTo' | 'after'; at: number; maxRecords: number }
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    does: fc.constant('add' as const),
    records: fc.integer({ min: 1, max: 5 }),
    gap: fc.constantFrom(0, 0, 0, 1, 3),
  }),
  fc.record({
    does: fc.constantFrom('dropTo' as const, 'after' as const),
    at: fc.integer({ min: 0, max: 40 }),
    maxRecords: fc.integer({ min: 1, max: 12 }),
  }),
)

describe('the newest blocks in memory', () => {
  it('are given in order and without a gap, as many as were asked for, or not at all, within their bytes', () => {
    const maxBytes = 1_000
    const run = (steps: readonly Step[]) => {
      const recent = new RecentBlocks(maxBytes)
      const first = 7
      let next = first
      let dropped = 0
      const added = new Map<number, RawBlock>()
      for (const each of steps)
        if (each.does === 'add') {
          next += each.gap
          const newest = block(next, each.records)
          added.set(next, newest)
          recent.add(newest)
          next += 1
        } else if (each.does === 'dropTo') {
          recent.dropTo(each.at)
          dropped = Math.max(dropped, Math.min(each.at, next - 1))
        } else {
          const found = recent.after(each.at, each.maxRecords)
          if (!found) continue
          expect(each.at + 1).toBeGreaterThan(dropped)
          expect(found).toEqual(found.map((_, index) => added.get(each.at + 1 + index)))
          const counts = found.map(({ bytes }) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(5, true))
          const allButLast = counts.slice(0, -1).reduce((sum, count) => sum + count, 0)
          expect(found.length).toBeGreaterThan(0)
          expect(allButLast).toBeLessThan(each.maxRecords)
        }
      const held = recent.after(Math.max(dropped, first - 1), Number.POSITIVE_INFINITY)
      const bytes = (held ?? []).reduce((sum, one) => sum + one.bytes.byteLength, 0)
      expect(bytes).toBeLessThanOrEqual(maxBytes)
    }
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), run))
  })

  it('that are larger than all that may be held are not held', () => {
    const recent = new RecentBlocks(10)
    recent.add(block(1, 1))
    expect(recent.after(0, 100)).toBeUndefined()
    recent.add(block(2, 1))
    expect(recent.after(1, 100)).toBeUndefined()
  })
})
