import { describe, expect, it } from 'vitest'
import { bucketMsFor } from '#history/figures/water/gauge-hours.ts'
import { LevelReader, readRises } from '#history/figures/water/read-rises.ts'
import type { Level } from '#history/figures/water/rises.ts'

const hourMs = 3_600_000
const quarterMs = hourMs / 4

/** A level each quarter of an hour over ten days: a tide, and waves upon it. */
const levels: Level[] = Array.from({ length: 960 }, (_, at) => ({
  ts: at * quarterMs,
  value: Math.round(100 * (Math.sin(at / 8) + 0.3 * Math.sin(at * 1.7))) / 100,
}))
const levelsIn = (hour: number) => levels.slice(hour * 4, hour * 4 + 4)
const hours = Array.from({ length: 240 }, (_, hour) => {
  const values = levelsIn(hour).map(({ value }) => value)
  return {
    ...{ start: hour * hourMs, end: (hour + 1) * hourMs },
    ...{ lowest: Math.min(...values), highest: Math.max(...values) },
  }
})
const ranges = [
  { first: 24, last: 48 },
  { first: 24, last: 240 },
]

function mostIn({ first, last }: { first: number; last: number }, within: number): number {
  let most = 0
  for (const end of levels)
    for (const begin of levels)
      if (begin.ts < end.ts && end.ts - begin.ts <= within && end.ts >= first * hourMs && end.ts < last * hourMs)
        most = Math.max(most, end.value - begin.value)
  return Math.round(100 * most) / 100
}

describe('the largest rises of ranges of hours', () => {
  it('are found with the readings of a part of the hours, and with their times', async () => {
    const reader = new LevelReader(async (asked) => asked.map(levelsIn), 1_000)
    const found = await readRises('wl-1', hours, ranges, reader)
    for (const [at, range] of ranges.entries())
      for (const [index, within] of [1, 3, 24].entries()) {
        const rise = found[at]?.[index]
        expect([rise?.within, rise?.rise]).toEqual([within, mostIn(range, within * hourMs)])
        expect((rise?.to.at ?? 0) - (rise?.from.at ?? 0)).toBeLessThanOrEqual(within * hourMs)
        expect(levels).toContainEqual({ ts: rise?.from.at, value: rise?.from.level })
        expect(levels).toContainEqual({ ts: rise?.to.at, value: rise?.to.level })
        expect(rise?.atLeast).toBeUndefined()
      }
    expect(reader.known.size).toBeLessThan(hours.length)
  })

  it('are at least what was found when no more hours may be read, and say so', async () => {
    const asked: number[] = []
    const reader = new LevelReader(async (few) => {
      asked.push(...few)
      return few.map(levelsIn)
    }, 5)
    const [, whole] = await readRises('wl-1', hours, ranges, reader)
    expect(asked).toHaveLength(5)
    expect(whole?.find(({ within }) => within === 1)).toMatchObject({ atLeast: true })
    for (const { within, rise } of whole ?? [])
      expect(rise).toBeLessThanOrEqual(mostIn({ first: 24, last: 240 }, within * hourMs))
  })
})

describe('the buckets in which single readings are looked for', () => {
  it('are at least twice as many in an hour as its readings, down to a minute', () => {
    expect([1, 2, 4, 6, 12, 20, 30, 60, 720].map((readings) => bucketMsFor(readings) / 60_000)).toEqual([
      ...[15, 15, 6, 5, 2, 1, 1, 1, 1],
    ])
  })
})
