import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runAt, windowsOf } from '#history/calendar.ts'
import type { Window } from '#telemetry/rest.ts'
import { changesIn2025, localBucket, zones } from '../support/local-calendar.ts'

const dayMs = 86_400_000
const windows: Window[] = ['1m', '5m', '15m', '1h', '1d', '1w', '1mo', '1y']

/** Fails unless start and end (epoch ms) are those of one local bucket. */
function expectWhole(start: number, end: number, zone: string, window: Window): void {
  const name = localBucket(start, zone, window)
  expect(localBucket(end - 1, zone, window)).toBe(name)
  expect(localBucket(start - 1, zone, window)).not.toBe(name)
  expect(localBucket(end, zone, window)).not.toBe(name)
}

describe('a run of time buckets', () => {
  it('begins with the one that holds the moment, and has whole local ones only, whatever the clocks do', () => {
    const moments = zones.flatMap((zone) => changesIn2025(zone).map((change) => ({ zone, change })))
    const near = fc.oneof(fc.integer({ min: -200, max: 200 }), fc.integer({ min: -60_000, max: 60_000 }))
    fc.assert(
      fc.property(
        fc.constantFrom(...moments),
        near,
        fc.nat({ max: 59_999 }),
        fc.constantFrom(...windows),
        fc.integer({ min: 1, max: 400 * dayMs }),
        ({ zone, change }, minutes, ms, window, span) => {
          const at = change + minutes * 60_000 + ms
          const run = runAt(window, zone, at, at + span)
          expect(at - run.start).toBeGreaterThanOrEqual(0)
          expect(at - run.start).toBeLessThan(run.length)
          expect((run.end - run.start) % run.length).toBe(0)
          const count = (run.end - run.start) / run.length
          for (const nth of new Set([0, Math.floor(count / 2), count - 1]))
            expectWhole(run.start + nth * run.length, run.start + (nth + 1) * run.length, zone, window)
        },
      ),
      { numRuns: 3_000 },
    )
  })

  it.each([
    ['Asia/Ho_Chi_Minh', '1d', '2026-11-20T03:00:00+07:00', '2026-11-20T00:00:00+07:00', 24],
    ['America/New_York', '1d', '2026-03-08T12:00:00-04:00', '2026-03-08T00:00:00-05:00', 23],
    ['America/New_York', '1d', '2026-11-01T12:00:00-05:00', '2026-11-01T00:00:00-04:00', 25],
    ['America/New_York', '1w', '2026-03-08T12:00:00-04:00', '2026-03-02T00:00:00-05:00', 167],
    ['Asia/Ho_Chi_Minh', '1w', '2026-11-22T23:59:59+07:00', '2026-11-16T00:00:00+07:00', 168],
    ['Asia/Ho_Chi_Minh', '1mo', '2026-02-28T23:59:59+07:00', '2026-02-01T00:00:00+07:00', 28 * 24],
    ['Europe/Berlin', '1y', '2024-07-01T00:00:00+02:00', '2024-01-01T00:00:00+01:00', 366 * 24],
    ['Asia/Kolkata', '1h', '2026-11-20T10:59:00+05:30', '2026-11-20T10:00:00+05:30', 1],
    // the clocks go back from 02:00 to 01:30
    ['Australia/Lord_Howe', '1h', '2026-04-05T01:45:00+10:30', '2026-04-05T01:30:00+10:30', 0.5],
    // the clocks go back from 03:45 to 02:45
    ['Pacific/Chatham', '1h', '2026-04-05T03:10:00+13:45', '2026-04-05T03:00:00+13:45', 0.75],
    // a day that Apia left out
    ['Pacific/Apia', '1d', '2011-12-31T12:00:00+14:00', '2011-12-31T00:00:00+14:00', 24],
    // clocks set back over midnight
    ['America/St_Johns', '1d', '2010-11-07T23:30:00-03:30', '2010-11-07T00:00:00-02:30', 25],
  ] as const)('in %s of %s at %s begins at %s and is %d h long', (zone, window, at, start, hours) => {
    const run = runAt(window, zone, Date.parse(at), Date.parse(at) + 1)
    expect([run.start, run.length / 3_600_000]).toEqual([Date.parse(start), hours])
  })

  it('is a single one of years without a change', () => {
    const [from, to] = [Date.UTC(2000, 0, 1), Date.UTC(2100, 0, 1)]
    const run = runAt('1d', 'Asia/Ho_Chi_Minh', from, to)
    expect(run.length).toBe(dayMs)
    expect(run.end).toBeGreaterThanOrEqual(to)
  })
})

describe('windows of a span', () => {
  it('are whole ones of the city’s calendar', () => {
    const zone = 'Asia/Ho_Chi_Minh'
    // 1 January 2026, 0:00 in the districts
    const newYear = Date.UTC(2025, 11, 31, 17)
    expect(windowsOf('1d', zone, { from: newYear - 1, to: newYear + 1 })).toEqual([
      { start: newYear - dayMs, end: newYear },
      { start: newYear, end: newYear + dayMs },
    ])
    const months = windowsOf('1mo', zone, { from: newYear, to: newYear + 59 * dayMs })
    expect(months.map(({ start, end }) => (end - start) / dayMs)).toEqual([31, 28])
    expect(windowsOf('1y', zone, { from: newYear, to: newYear + 1 })).toEqual([
      { start: newYear, end: newYear + 365 * dayMs },
    ])
    expect(windowsOf('1h', zone, { from: newYear, to: newYear })).toEqual([])
  })
})
