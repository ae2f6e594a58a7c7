import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HistoryFigure } from '#telemetry/history-question.ts'
import type { Reading } from '#telemetry/reading.ts'
import { openTestStore, type TestStore } from '../api/api-parts.ts'
import { day } from '../storage/store-samples.ts'
import { localBucket } from '../support/local-calendar.ts'
import { askStore, placedIn } from './question-parts.ts'

/** midnight of a Monday in Tây Ninh */
const monday = Date.parse('2026-11-16T00:00:00+07:00')
const sumOf = (numbers: readonly (number | null | undefined)[]) =>
  numbers.reduce<number>((sum, one) => sum + (one ?? 0), 0)

describe('a question about a span', () => {
  let test: TestStore
  beforeAll(async () => {
    test = await openTestStore()
  })
  afterAll(() => test.close())

  it('adds up alike by hours, by days, by weeks and over all, and its profile is its hours laid upon one another', async () => {
    let run = 0
    const length = 9 * day
    const values = fc.array(fc.tuple(fc.nat({ max: length / 1_000 - 1 }), fc.integer({ min: -40_000, max: 85_000 })), {
      minLength: 1,
      maxLength: 40,
    })
    const zoneNames = fc.constantFrom('Asia/Ho_Chi_Minh', 'Asia/Kolkata', 'America/New_York', 'Australia/Lord_Howe')
    // clocks of New York are set back on the 1st of November, those of Lord Howe are put forward on the 4th of October
    const begins = fc.constantFrom(Date.UTC(2026, 9, 28, 3), Date.UTC(2026, 9, 1, 16, 30), monday)
    await fc.assert(
      fc.asyncProperty(values, zoneNames, begins, async (given, zone, from) => {
        run += 1
        const sensor = `aq-${run}`
        const measured = new Map(given.map(([second, steps]) => [from + second * 1_000, steps / 1_000]))
        const readings = [...measured].map(
          ([ts, temperature]): Reading => ({
            district: 'tay-ninh',
            sensor,
            ts,
            kind: 'air-quality',
            values: { temperature },
          }),
        )
        await test.store.write(readings)
        const ask = async (how: object) => {
          const asked = { ...{ sensors: [sensor], values: ['temperature'], from, to: from + length }, ...how }
          const functions = ['sum', 'count', 'min', 'max', 'mean'] as const
          const answer = await askStore(
            test.store,
            { ...asked, functions: [...functions] },
            { placements: placedIn([sensor]), now: from + 100 * day, zone },
          )
          return answer[`temperature ${sensor}`] ?? []
        }
        const all = await ask({ window: 'all' })
        const parts = await Promise.all(['1h', '6h', '1d', '1w'].map((window) => ask({ window })))
        const profile = await ask({ profile: 'hour-of-week' })
        for (const figures of [...parts, profile]) expectSame(figures, all[0])
        // each hour of the week holds what was measured while the clock showed it
        const hours = new Map<string, number>()
        for (const ts of measured.keys()) {
          const [, shown] = /part (\d+)/.exec(localBucket(ts, zone, '1h')) ?? []
          const key = `${weekdayOf(ts, zone)} ${shown}`
          hours.set(key, (hours.get(key) ?? 0) + 1)
        }
        for (const { weekday, hour: shown, count } of profile) expect(count).toBe(hours.get(`${weekday} ${shown}`) ?? 0)
      }),
      { numRuns: 15 },
    )
  })
})

function weekdayOf(ts: number, zone: string): number {
  const name = new Intl.DateTimeFormat('en', { timeZone: zone, weekday: 'short' }).format(ts)
  return ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(name) + 1
}

function expectSame(figures: readonly HistoryFigure[], all: HistoryFigure | undefined): void {
  const with_ = figures.filter(({ count }) => count)
  expect(sumOf(figures.map(({ count }) => count))).toBe(all?.count)
  // each is a whole number of steps: what rounding to binary fractions leaves is far below one
  expect(sumOf(figures.map(({ sum }) => sum))).toBeCloseTo(all?.sum ?? 0, 7)
  expect(Math.min(...with_.map(({ min }) => min ?? Infinity))).toBe(all?.min)
  expect(Math.max(...with_.map(({ max }) => max ?? -Infinity))).toBe(all?.max)
  expect(all?.mean).toBeCloseTo((all?.sum ?? 0) / (all?.count ?? 1), 9)
}
