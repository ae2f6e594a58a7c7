import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { GroupCommit } from '#journal/group-commit.ts'
import type { JournalRecord } from '#journal/journal.ts'

const gatherMs = 4
const record = (payloadBytes = 100): JournalRecord => ({
  topic: 'city/v1/tay-ninh/traffic/sample-1/reading',
  payload: Buffer.alloc(payloadBytes),
  arrivedAt: 0,
})

describe('groups of records that are written together', () => {
  /** number of records of each write */
  let writes: number[]
  let groups: GroupCommit

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    writes = []
    groups = new GroupCommit(
      async ({ records }) => {
        writes.push(records.length)
      },
      1_048_576,
      gatherMs,
    )
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('hold what comes within one turn, and a lone record is written at once', async () => {
    await Promise.all([groups.append([record()]), groups.append([record(), record()])])
    expect(writes).toEqual([3])
    vi.advanceTimersByTime(gatherMs)
    await groups.append([record()])
    expect(writes).toEqual([3, 1])
  })

  it('hold what comes one by one soon after a write, until its time is over', async () => {
    await groups.append([record()])
    const later = [1, 2, 3].map(() => {
      vi.advanceTimersByTime(1)
      return groups.append([record()])
    })
    await Promise.resolve()
    expect(writes).toEqual([1])
    vi.advanceTimersByTime(1)
    await Promise.all(later)
    expect(writes).toEqual([1, 3])
  })

  it('wait for no more once they hold much, and not at the end', async () => {
    await groups.append([record()])
    await groups.append([record(), record(70_000)])
    expect(writes).toEqual([1, 2])
    const last = groups.append([record()])
    await groups.drain()
    await last
    expect(writes).toEqual([1, 2, 1])
  })
})
