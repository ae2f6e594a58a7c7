import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LocalClock } from '#history/local-clock.ts'
import { earlierSpan } from '#history/question/comparison.ts'
import { expectedOf } from '#history/question/expectation.ts'
import { bucketsOf, countBuckets, windowOfPoints } from '#history/question/windows.ts'
import { ReportingSteps } from '#storage/reporting-steps.ts'
import { comparisons, questionWindows } from '#telemetry/history-question.ts'
import { changesIn2025, zones } from '../support/local-calendar.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const later = Date.UTC(2100, 0, 1)

/** date, time and weekday that a clock shows, as Intl writes them */
function shown(ts: number, zone: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${zone} ${Object.keys(options)}`
  const format = formats.get(key) ?? new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', ...options })
  formats.set(key, format)
  return format.format(ts)
}
const formats = new Map<string, Intl.DateTimeFormat>()
const changes = new Map(zones.map((zone) => [zone, changesIn2025(zone)]))
const date = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
const time = { hour: '2-digit', minute: '2-digit', second: '2-digit' } as const

const zoneNames = fc.constantFrom(...zones)
/** moments near which clocks change, and any others */
const moments = (zone: string) =>
  fc.oneof(
    fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2026, 11, 31) }),
    fc
      .tuple(
        fc.constantFrom(...(changes.get(zone) ?? []), Date.UTC(2025, 2, 1)),
        fc.integer({ min: -3 * day, max: 3 * day }),
      )
      .map(([change, off]) => change + off),
  )
const spans = zoneNames.chain((zone) =>
  fc.tuple(moments(zone), fc.integer({ min: 1, max: 40 * day }), fc.boolean()).map(([at, length, isWhole]) => {
    const from = isWhole ? at - (at % hour) : at
    return { zone, from, to: from + (isWhole ? Math.max(hour, length - (length % hour)) : length) }
  }),
)

describe('the buckets of a question', () => {
  it('make up the span without a gap, in every window and zone, and those after now are left out', () => {
    fc.assert(
      fc.property(spans, fc.constantFrom(...questionWindows.slice(3)), ({ zone, ...span }, window) => {
        const buckets = bucketsOf(window, zone, span, later)
        expect(buckets[0]?.start).toBe(span.from)
        expect(buckets.at(-1)?.end).toBe(span.to)
        const isGapless = buckets.every(
          ({ start, end }, index) => start < end && (index === 0 || start === buckets[index - 1]?.end),
        )
        expect(isGapless).toBe(true)
        expect(Math.abs(buckets.length - countBuckets(window, span))).toBeLessThanOrEqual(4)
        const now = span.from + Math.floor((span.to - span.from) / 2)
        const known = bucketsOf(window, zone, span, now)
        expect(known).toEqual(
          buckets.filter(({ start }) => start <= now).map((bucket) => ({ ...bucket, isOpen: bucket.end > now })),
        )
      }),
    )
  })

  it('are about as many as points are asked for', () => {
    const of = (points: number, length: number) => windowOfPoints(points, { from: 0, to: length })
    expect(of(200, day)).toBe('10m')
    expect(of(100, 30 * day)).toBe('6h')
    expect(of(365, 365 * day)).toBe('1d')
    expect(of(12, 365 * day)).toBe('1mo')
    expect(of(1, 365 * day)).toBe('all')
    expect(of(1, 30 * day)).toBe('all')
    expect(of(2_000, hour)).toBe('1m')
  })
})

describe('the clock of a zone', () => {
  it('shows what Intl says, and is asked back', () => {
    fc.assert(
      fc.property(spans, ({ zone, from, to }) => {
        const clock = new LocalClock(zone, { from, to })
        for (const ts of [from, to, Math.floor((from + to) / 2)]) {
          const seen = shown(ts, zone, { ...date, ...time })
          expect(shown(Math.floor(clock.shownAt(ts) / 1_000) * 1_000, 'UTC', { ...date, ...time })).toBe(seen)
          const when = clock.whenShown(clock.shownAt(ts))
          expect(clock.shownAt(when)).toBe(clock.shownAt(ts))
          expect(when).toBeLessThanOrEqual(ts)
          const { weekday, hour: shownHour } = clock.hourOfWeek(ts)
          expect(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'][weekday - 1]).toBe(
            shown(ts, zone, { weekday: 'short' }),
          )
          expect(String(shownHour).padStart(2, '0')).toBe(shown(ts, zone, { hour: '2-digit' }))
        }
      }),
    )
  })
})

describe('an earlier span', () => {
  it('has for each bucket one of the same weekday and time of day before it, in order, whatever the clocks do', () => {
    const windows = fc.constantFrom(...questionWindows.filter((window) => !['1m', '1mo', '1y', 'all'].includes(window)))
    const compares = fc.constantFrom(...comparisons.filter((compare) => compare !== 'previous'))
    fc.assert(
      fc.property(spans, windows, compares, ({ zone, ...span }, window, compare) => {
        const buckets = bucketsOf(window, zone, span, later)
        const earlier = earlierSpan(compare, window, { ...span, buckets, zone })
        const clock = new LocalClock(zone, span)
        let last = Number.NEGATIVE_INFINITY
        for (const [index, bucket] of earlier.aligned.entries()) {
          if (!bucket) continue
          const { start = 0 } = buckets[index] ?? {}
          // where the clock is set back two are compared with one
          const isAgain = clock.shownAt(start) - clock.shownAt(start - 4 * hour) < 4 * hour
          const isInOrder =
            (isAgain || bucket.start >= last) && bucket.start >= earlier.from && bucket.end <= earlier.to
          if (!isInOrder) expect(bucket).toEqual({ after: last, ...earlier })
          last = bucket.end
          // the clock is asked at some of them
          if (index % Math.ceil(buckets.length / 20) !== 0) continue
          const weeks = { week: 1, month: 4, year: 52 }[compare]
          // by the clock the same time so many weeks before, but for a time that the clock leaps over
          const off = Math.abs(start - bucket.start - weeks * 7 * day)
          expect(off).toBeLessThanOrEqual(2 * hour)
          const wanted = shown(start, zone, { weekday: 'short', ...time })
          const found = shown(bucket.start, zone, { weekday: 'short', ...time })
          if (found !== wanted) expect(isLeaptOver(bucket.start, zone)).toBe(true)
        }
        const without = earlier.aligned.filter((bucket) => bucket === undefined).length
        expect(without).toBeLessThanOrEqual((2 * hour) / (5 * minute))
      }),
    )
  })

  /** whether the clock was put forward in the hours around a moment */
  const isLeaptOver = (ts: number, zone: string) => {
    const clock = new LocalClock(zone, { from: ts - day, to: ts + day })
    return clock.shownAt(ts + 2 * hour) - clock.shownAt(ts - 2 * hour) > 4 * hour
  }

  const zone = 'Asia/Ho_Chi_Minh'
  const at = (text: string) => Date.parse(`${text}+07:00`)
  const spanOf = (from: string, to: string) => ({ from: at(from), to: at(to) })
  it.each([
    // the month before November is October, day by day
    ['previous', '1d', ['2026-11-01T00:00', '2026-12-01T00:00'], ['2026-10-01T00:00', '2026-11-01T00:00'], 30],
    // February has no 29th to 31st
    ['previous', '1d', ['2026-03-01T00:00', '2026-04-01T00:00'], ['2026-02-01T00:00', '2026-03-01T00:00'], 28],
    ['previous', '1h', ['2026-11-20T00:00', '2026-11-22T00:00'], ['2026-11-18T00:00', '2026-11-20T00:00'], 48],
    // the last of these days is not over yet
    ['previous', '1d', ['2026-11-20T00:00', '2026-11-22T15:00'], ['2026-11-17T00:00', '2026-11-19T15:00'], 3],
    ['previous', '15m', ['2026-11-20T08:20', '2026-11-20T09:50'], ['2026-11-20T06:50', '2026-11-20T08:20'], 7],
    ['year', '1mo', ['2026-01-01T00:00', '2027-01-01T00:00'], ['2025-01-01T00:00', '2026-01-01T00:00'], 12],
    ['year', 'all', ['2026-11-01T00:00', '2026-12-01T00:00'], ['2025-11-01T00:00', '2025-12-01T00:00'], 1],
    ['year', '1d', ['2026-11-02T00:00', '2026-11-09T00:00'], ['2025-11-03T00:00', '2025-11-10T00:00'], 7],
    ['month', '1mo', ['2026-03-01T00:00', '2026-04-01T00:00'], ['2026-02-01T00:00', '2026-03-01T00:00'], 1],
    ['month', '1d', ['2026-11-02T00:00', '2026-11-09T00:00'], ['2026-10-05T00:00', '2026-10-12T00:00'], 7],
    ['week', '1h', ['2026-11-20T08:00', '2026-11-20T10:00'], ['2026-11-13T08:00', '2026-11-13T10:00'], 2],
  ] as const)('of %s in windows of %s for %j is %j', (compare, window, span, expected, partners) => {
    const asked = spanOf(span[0], span[1])
    const buckets = bucketsOf(window, zone, asked, later)
    const { from, to, aligned } = earlierSpan(compare, window, { ...asked, buckets, zone })
    expect({ from, to }).toEqual(spanOf(expected[0], expected[1]))
    const found = aligned.filter((bucket) => bucket !== undefined)
    expect(found).toHaveLength(partners)
    expect(found[0]?.start).toBe(from)
    expect(found.at(-1)?.end).toBe(to)
  })
})

describe('what was to be expected', () => {
  it('is what each sensor of the group was to report while it was there, as far as the bucket is over', () => {
    const step = 10
    const stays = fc.array(
      fc.record({
        sensor: fc.constantFrom('s1', 's2', 's3'),
        group: fc.nat(1),
        from: fc.option(fc.integer({ min: -20, max: 120 }), { nil: undefined }),
        length: fc.integer({ min: 1, max: 80 }),
      }),
      { maxLength: 6 },
    )
    fc.assert(
      fc.property(stays, fc.integer({ min: -5, max: 130 }), (given, now) => {
        const members = given.map(({ from, length, ...member }) =>
          from === undefined ? member : { ...member, from, to: from + length },
        )
        const buckets = [0, 7, 30, 60].map((start, index, all) => ({
          start,
          end: all[index + 1] ?? 100,
          isOpen: false,
        }))
        const steps = new ReportingSteps(
          [
            { sensor: 's1', seconds: step / 1_000, ts: 0 },
            { sensor: 's2', seconds: step / 1_000, ts: 0 },
            { sensor: 's2', seconds: (2 * step) / 1_000, ts: 40, before: step / 1_000 },
            { sensor: 's3', seconds: step / 1_000, ts: 0 },
          ],
          [],
        )
        const expected = expectedOf({ steps, members, buckets, simulated: new Set(['s3']), now })
        for (const group of [0, 1])
          for (const [index, { start, end }] of buckets.entries()) {
            const sum = { readings: 0, ms: 0, isSimulated: false }
            for (let ts = start; ts < Math.min(end, now); ts += 1)
              for (const { sensor, group: of, ...stay } of members) {
                const { from = -Infinity, to = Infinity } = stay as { from?: number; to?: number }
                if (of !== group || ts < from || ts >= to) continue
                sum.ms += 1
                sum.readings += 1 / (sensor === 's2' && ts >= 40 ? 2 * step : step)
                sum.isSimulated ||= sensor === 's3'
              }
            const found = expected.get(group)?.[index] ?? { readings: 0, ms: 0, isSimulated: false }
            expect(found.readings).toBeCloseTo(sum.readings, 9)
            expect(found).toMatchObject({ ms: sum.ms, isSimulated: sum.isSimulated })
          }
      }),
    )
  })
})
