import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RollUpsDue, settledHours } from '#history/roll-ups-due.ts'
import { UpkeepBehind } from '#history/upkeep-behind.ts'
import { stepReadings, UpkeepPace } from '#history/upkeep-pace.ts'
import type { NewestReading } from '#telemetry/reading.ts'

const hour = 3_600_000
const minute = 60_000

describe('the pace of the upkeep', () => {
  it('finds steps that take as long as they may, however fast the store is', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.0005, max: 0.02, noNaN: true }), (msPerReading) => {
        const pace = new UpkeepPace({ stepMs: 250, pausePerMs: 4 })
        for (let step = 0; step < 20; step++)
          pace.record({ ms: pace.maxReadings * msPerReading, readings: pace.maxReadings })
        expect(pace.maxReadings * msPerReading).toBeGreaterThan(200)
        expect(pace.maxReadings * msPerReading).toBeLessThan(300)
      }),
    )
  })

  it('stays within its bounds, and pauses in proportion', () => {
    const pace = new UpkeepPace({ stepMs: 250, pausePerMs: 4 })
    const most = (ms: number) => {
      for (let step = 0; step < 40; step++) pace.record({ ms, readings: pace.maxReadings })
      return pace.maxReadings
    }
    expect(most(0)).toBe(stepReadings.most)
    expect(most(60_000)).toBe(stepReadings.least)
    expect(pace.record({ ms: 300, readings: 0 })).toBe(1_200)
  })

  it('is not led on by steps that had little to do, and does less at once after a fault', () => {
    const pace = new UpkeepPace({ stepMs: 250, pausePerMs: 4 })
    const first = pace.maxReadings
    pace.record({ ms: 1, readings: 5 })
    expect(pace.maxReadings).toBe(first)
    pace.recordFault()
    expect(pace.maxReadings).toBe(first / 2)
  })
})

describe('the upkeep that is behind', () => {
  it('is told when it has been hours behind for ten minutes, and no longer once it has caught up', () => {
    const told: boolean[] = []
    const behind = new UpkeepBehind((is) => told.push(is))
    const late = { lagMs: 4 * hour, dirtyAgeMs: 0 }
    behind.observe(late, 0)
    behind.observe(late, 9 * minute)
    behind.observe(late, 10 * minute)
    behind.observe({ lagMs: 0, dirtyAgeMs: 3 * hour }, 11 * minute)
    behind.observe({ lagMs: hour, dirtyAgeMs: minute }, 12 * minute)
    behind.observe(late, 13 * minute)
    expect(told).toEqual([false, false, true, true, false, false])
  })
})

describe('the hours that are due to be rolled up', () => {
  const at = Date.UTC(2026, 10, 20, 6, 20)
  const newestAt = (ts: number | undefined, asked: { count: number }, aheadMs?: number) => ({
    latest: async () => {
      asked.count++
      return (ts === undefined ? [] : [{ ts, ...(aheadMs !== undefined && { aheadMs }) }]) as NewestReading[] // of a reading it looks at the time alone
    },
  })

  it.each([
    [6 * hour + 14 * minute, 5 * hour],
    [6 * hour + 15 * minute, 6 * hour],
    [6 * hour + 59 * minute, 6 * hour],
  ])('are settled a quarter of an hour after their end', (now, settled) => {
    expect(settledHours(now)).toBe(settled)
  })

  it('are known without a look at the readings while the upkeep keeps up', async () => {
    const asked = { count: 0 }
    const due = new RollUpsDue(newestAt(0, asked), () => at)
    expect(await due.until(settledHours(at) - hour)).toBe(settledHours(at))
    expect(asked.count).toBe(0)
  })

  it('end with the newest reading where the clock may be years ahead, asked for now and then', async () => {
    const asked = { count: 0 }
    let now = at
    const due = new RollUpsDue(newestAt(at - 3 * 365 * 24 * hour, asked), () => now)
    const newestHour = settledHours(at - 3 * 365 * 24 * hour) + hour
    expect(await due.until(undefined)).toBe(newestHour)
    expect(await due.until(newestHour)).toBe(newestHour)
    expect(asked.count).toBe(1)
    now += 11 * minute
    expect(await due.until(newestHour)).toBe(newestHour)
    expect(asked.count).toBe(2)
  })

  it('are none without readings, or with none of a clock that was right', async () => {
    const asked = { count: 0 }
    expect(await new RollUpsDue(newestAt(undefined, asked), () => at).until(undefined)).toBe(0)
    expect(await new RollUpsDue(newestAt(at, asked, 5_000), () => at).until(undefined)).toBe(0)
  })
})
