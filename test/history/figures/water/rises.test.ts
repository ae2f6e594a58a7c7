import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  boundRise,
  type HourOfLevels,
  type Level,
  largestRise,
  pairOfRise,
  type RiseHours,
  riseHours,
} from '#history/figures/water/rises.ts'

const hourMs = 3_600_000
const minuteMs = 60_000

/** Levels that may be dm up and down from one to the next, at uneven times over two days. */
const levels = fc
  .array(fc.record({ minutes: fc.integer({ min: 1, max: 200 }), change: fc.integer({ min: -5, max: 5 }) }), {
    maxLength: 40,
  })
  .map((steps) => {
    let level: Level = { ts: 0, value: 20 }
    return steps.map(({ minutes, change }) => {
      level = { ts: level.ts + minutes * minuteMs, value: level.value + change }
      return level
    })
  })

function naiveRise(all: readonly Level[], withinMs: number, from = 0, to = Number.POSITIVE_INFINITY): number {
  let most = 0
  for (const end of all)
    for (const begin of all)
      if (begin.ts < end.ts && end.ts - begin.ts <= withinMs && end.ts >= from && end.ts < to)
        most = Math.max(most, end.value - begin.value)
  return most
}

const levelsIn = (all: readonly Level[], at: number) =>
  all.filter(({ ts }) => ts >= at * hourMs && ts < (at + 1) * hourMs)

function hoursOf(all: readonly Level[], count: number): HourOfLevels[] {
  return Array.from({ length: count }, (_, at) => {
    const values = levelsIn(all, at).map(({ value }) => value)
    const span = { start: at * hourMs, end: (at + 1) * hourMs }
    return values.length === 0 ? span : { ...span, lowest: Math.min(...values), highest: Math.max(...values) }
  })
}

describe('the largest rise', () => {
  it('is from a lowest level to a later one within the time', () => {
    const tide = [3, 1, 2, 4, 2, 0, 1].map((value, at) => ({ ts: at * hourMs, value }))
    expect(largestRise(tide, tide, hourMs)).toBe(2)
    expect(pairOfRise(tide, tide, 3 * hourMs)).toEqual({ rise: 3, from: tide[1], to: tide[3] })
    expect(
      pairOfRise(
        tide.toReversed().map((each, at) => ({ ...each, ts: at })),
        [],
        hourMs,
      ),
    ).toBeUndefined()
    expect(largestRise([], tide, hourMs)).toBe(0)
  })

  it('is that of all pairs of readings', () => {
    fc.assert(
      fc.property(levels, fc.integer({ min: 1, max: 600 }), (all, minutes) => {
        expect(largestRise(all, all, minutes * minuteMs)).toBe(naiveRise(all, minutes * minuteMs))
      }),
    )
  })
})

describe('the largest rise by hours', () => {
  it('is found once all hours that may hold a larger one are read, and never beyond what was', () => {
    fc.assert(
      fc.property(
        levels,
        fc.constantFrom<RiseHours>(...riseHours),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 1, max: 40 }),
        (all, within, first, length) => {
          const hours = hoursOf(all, 140)
          const range = { first, last: first + length }
          const exact = naiveRise(all, within * hourMs, first * hourMs, (first + length) * hourMs)
          const known = new Map<number, readonly Level[]>()
          let bounds = boundRise(hours, range, within, known)
          for (let [next] = bounds.open; next; [next] = bounds.open) {
            expect(bounds.least?.rise ?? 0).toBeLessThanOrEqual(exact)
            expect(next.most).toBeGreaterThanOrEqual(exact)
            for (const at of [next.to, ...next.from]) known.set(at, levelsIn(all, at))
            bounds = boundRise(hours, range, within, known)
          }
          expect(bounds.least?.rise ?? 0).toBe(exact)
        },
      ),
    )
  })

  it('needs no reading where hours say enough', () => {
    const hours = [5, 1, 2, 3, 9].map((value, at) => ({
      ...{ start: at * hourMs, end: (at + 1) * hourMs },
      ...{ lowest: value, highest: value },
    }))
    expect(boundRise(hours, { first: 0, last: 5 }, 24, new Map())).toEqual({
      least: { rise: 8, from: 1, to: 4 },
      open: [],
    })
  })
})
