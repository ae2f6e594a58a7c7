import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { reportAppendHealth } from '#journal/append-health.ts'
import { JournalFullError, StoreRejectedError, UnreachableError } from '#telemetry/errors.ts'

describe('the watch over what the journal takes', () => {
  const told: boolean[] = []
  let next: { resolve(): void; reject(error: Error): void }
  let away = false
  const stats = { bytes: 0, maxBytes: 1, blocks: 0, oldestAt: undefined }
  const journal = {
    append: () =>
      new Promise<void>((resolve, reject) => {
        next = { resolve, reject }
      }),
    stats: async () => {
      if (away) throw new UnreachableError('away')
      return stats
    },
  }
  let watched: ReturnType<typeof reportAppendHealth>
  beforeEach(() => {
    vi.useFakeTimers()
    told.length = 0
    away = false
    watched = reportAppendHealth(journal, (wrong) => told.push(wrong))
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  const fail = async (error: Error) => {
    const appending = watched.append([])
    next.reject(error)
    await expect(appending).rejects.toBe(error)
  }
  const take = async () => {
    const appending = watched.append([])
    next.resolve()
    await appending
  }

  it.each([
    ['full', new JournalFullError('full')],
    ['away', new UnreachableError('away')],
    ['failing in a way of its own', new Error('EIO')],
  ])('tells once that it is %s, and once that it takes readings again', async (_what, error) => {
    await take()
    await fail(error)
    await fail(error)
    expect(told).toEqual([true])
    await take()
    await take()
    expect(told).toEqual([true, false])
  })

  it('says nothing of one record that the journal will never take', async () => {
    await fail(new StoreRejectedError('too large'))
    expect(told).toEqual([])
  })

  it('tells of a journal that does not answer, and of one that answers slowly but does not', async () => {
    const slow = watched.append([])
    await vi.advanceTimersByTimeAsync(9_000)
    next.resolve()
    await slow
    const hanging = watched.append([])
    await vi.advanceTimersByTimeAsync(9_000)
    expect(told).toEqual([])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(told).toEqual([true])
    next.resolve()
    await hanging
    expect(told).toEqual([true, false])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(told).toEqual([true, false])
  })

  it('tells of a journal that is away while no reading comes', async () => {
    away = true
    await expect(watched.stats()).rejects.toThrow('away')
    expect(told).toEqual([true])
    away = false
    expect(await watched.stats()).toBe(stats)
    expect(told).toEqual([true, false])
  })

  it('leaves what else a broker needs of the journal as it is', () => {
    const broadcast = { publish() {}, subscribe: () => () => {} }
    const whole = reportAppendHealth({ ...journal, broadcast, maxMessageBytes: 5 }, () => {})
    expect(whole).toMatchObject({ broadcast, maxMessageBytes: 5 })
  })
})
