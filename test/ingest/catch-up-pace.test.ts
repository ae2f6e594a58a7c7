import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CatchUpPace } from '#ingest/store-writer/catch-up-pace.ts'

/** A pace to which so many records a second arrived, for some seconds. */
function paceAt(perSecond: number): CatchUpPace {
  let now = 0
  const pace = new CatchUpPace(() => now)
  for (; now <= 5_000; now += 100) pace.arrived(perSecond / 10)
  return pace
}

describe('catching up', () => {
  it('is at least three times as fast as readings arrive, whatever their rate, where the store is as fast as it likes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 20_000 }), (rate, records) => {
        const seconds = Math.max(1, paceAt(rate).pauseMs(records, 0)) / 1_000
        expect(records / seconds).toBeGreaterThan(Math.min(3 * rate, 900 * records))
      }),
    )
  })

  it('leaves most of the time to others when few readings arrive', () => {
    const pace = paceAt(2_000)
    expect(pace.stepRecords).toBe(4_000)
    expect(pace.pauseMs(4_000, 100)).toBeCloseTo(400, -1)
  })

  it('never waits when the store takes longer, or when nothing arrives', () => {
    expect(paceAt(2_000).pauseMs(1_000, 200)).toBe(0)
    expect(paceAt(0).pauseMs(10_000, 1)).toBe(0)
    expect(new CatchUpPace().pauseMs(10_000, 1)).toBe(0)
  })

  it('takes large steps when many readings arrive, or none', () => {
    expect(paceAt(50_000).stepRecords).toBe(10_000)
    expect(paceAt(0).stepRecords).toBe(10_000)
    expect(new CatchUpPace().stepRecords).toBe(10_000)
  })
})
