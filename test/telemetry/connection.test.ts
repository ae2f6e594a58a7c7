import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ConnectionState, connectionOf, hearReading, hearStatus, recallReading } from '#telemetry/connection.ts'

const live = (said: 'online' | 'offline', at: number) => ({ said, at, isRetained: false })
const kept = (said: 'online' | 'offline', at: number) => ({ said, at, isRetained: true })
const past = { offlineSince: undefined, newestAt: undefined, staleAt: 0, now: 1_000 }

describe('offline', () => {
  it('is ended by a reading that arrived later, and by none that arrived before', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.nat(100), fc.array(fc.nat(200)), (isRetained, at, arrivals) => {
        let state = hearStatus(undefined, { said: 'offline', at, isRetained })
        for (const arrivedAt of arrivals) state = hearReading(state, arrivedAt)
        expect(connectionOf(state)).toBe(arrivals.some((arrivedAt) => arrivedAt > at) ? 'online' : 'offline')
      }),
    )
  })

  it('said once more, live, counts again; retained it is the one that was known', () => {
    const ended = hearReading(hearStatus(undefined, live('offline', 10)), 20)
    expect(connectionOf(hearStatus(ended, kept('offline', 30)))).toBe('online')
    expect(connectionOf(hearStatus(ended, live('offline', 30)))).toBe('offline')
  })

  it('that is retained is new when the sensor had said online before', () => {
    const state = hearStatus(hearStatus(undefined, live('online', 10)), kept('offline', 30))
    expect([connectionOf(state), state.isOld]).toEqual(['offline', undefined])
  })
})

describe('offline that was retained before anybody listened', () => {
  const old = hearStatus(undefined, kept('offline', 900))
  it.each<[what: string, given: Partial<typeof past> | object, is: string, held?: ConnectionState]>([
    ['nothing else is known', {}, 'offline'],
    ['a reading came after the moment noted', { offlineSince: 100, newestAt: 101, staleAt: 110 }, 'online'],
    ['no reading came after the moment noted', { offlineSince: 100, newestAt: 99, staleAt: 2_000 }, 'offline'],
    ['it was not noted, and its newest reading is fresh', { newestAt: 900, staleAt: 1_000 }, 'online'],
    ['it was not noted, and its newest reading is stale', { newestAt: 900, staleAt: 999 }, 'offline'],
    [
      'it was said while somebody listened',
      { newestAt: 900, staleAt: 2_000 },
      'offline',
      hearStatus(undefined, live('offline', 950)),
    ],
  ])('%s', (_what, given, is, held = old) => {
    expect(connectionOf(recallReading(held, { ...past, ...given }))).toBe(is)
  })
})
