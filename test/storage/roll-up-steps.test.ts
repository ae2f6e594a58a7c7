import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReportingSteps } from '#storage/reporting-steps.ts'
import { ExactSum } from '#storage/roll-up/exact-sum.ts'
import { percentileOf } from '#storage/roll-up/percentiles.ts'
import { fromSteps, meanOf, timeWeightedMeanOf, toSteps } from '#storage/roll-up/steps.ts'

const minute = 60_000

describe('steps', () => {
  it('are rounded half away from zero', () => {
    expect([0.0000005, -0.0000005, 0.0000004, -0.0000004, 1.5, -0].map(toSteps)).toEqual([1, -1, 0, 0, 1_500_000, 0])
  })

  it('come back as they were', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 50), max: 2 ** 50 }), (steps) => toSteps(fromSteps(steps)) === steps),
    )
  })

  it('have a mean, of readings and of time; none has none', () => {
    expect(meanOf({ sum: 1_000_000n, count: 3 })).toBe(1_000_000 / 3 / 1_000_000)
    expect(meanOf({ sum: 0n, count: 0 })).toBeUndefined()
    expect(timeWeightedMeanOf({ weighted: 3_000_000n * 60n, coveredMs: 120 })).toBe(1.5)
    expect(timeWeightedMeanOf({ weighted: 0n, coveredMs: 0 })).toBeUndefined()
  })

  it('are summed exactly, however many and large', () => {
    const pair = fc.tuple(fc.maxSafeInteger(), fc.maxSafeInteger())
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const sum = new ExactSum()
        for (const [a, b] of pairs) {
          sum.addProduct(a, b)
          sum.add(a)
        }
        const expected = pairs.reduce((total, [a, b]) => total + BigInt(a) * BigInt(b) + BigInt(a), 0n)
        expect(sum.total).toBe(expected)
      }),
    )
  })
})

describe('a percentile', () => {
  it('is what PERCENTILE.INC of a spreadsheet gives', () => {
    const values = [1, 2, 3, 4].map(toSteps)
    expect([0, 0.3, 0.5, 0.95, 1].map((share) => percentileOf(values, share))).toEqual([
      1,
      1.9,
      2.5,
      expect.closeTo(3.85, 9),
      4,
    ])
    expect(percentileOf([toSteps(7)], 0.85)).toBe(7)
    expect(percentileOf([], 0.5)).toBeNaN()
  })
})

describe('the steps in which a sensor reports', () => {
  const steps = new ReportingSteps(
    [
      { sensor: 'a', ts: 20 * minute, seconds: 300, before: 60 },
      { sensor: 'a', ts: 40 * minute, seconds: 10, before: 300 },
      { sensor: 'b', ts: 20 * minute, seconds: 5 },
    ],
    [{ from: 0, to: 10 * minute, step: 120_000 }],
  )

  it('are what it said, or of the history that was given to the store where that was more seldom', () => {
    expect(steps.stretches('a', 0, 60 * minute)).toEqual([
      { from: 0, to: 10 * minute, stepMs: 120_000 },
      { from: 10 * minute, to: 20 * minute, stepMs: 60_000 },
      { from: 20 * minute, to: 40 * minute, stepMs: 300_000 },
      { from: 40 * minute, to: 60 * minute, stepMs: 10_000 },
    ])
    expect([steps.at('a', 20 * minute - 1), steps.at('a', 20 * minute)]).toEqual([60_000, 300_000])
  })

  it('are its first word before that, and a minute where it never said any', () => {
    expect(steps.stretches('b', 15 * minute, 30 * minute)).toEqual([
      { from: 15 * minute, to: 30 * minute, stepMs: 5_000 },
    ])
    expect(steps.at('c', 30 * minute)).toBe(60_000)
    expect(steps.stretches('c', minute, minute)).toEqual([])
  })
})
