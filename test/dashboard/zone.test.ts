import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, it } from 'vitest'
import { offsetText, zoneOf } from '../../dashboard/src/i18n/zone.ts'
import { changesIn2025, zones } from '../support/local-calendar.ts'

const runs = { numRuns: 12 }
const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000
/** minutes of two days around the changes of a zone's clocks */
const nearChanges = (zone: string) =>
  fc
    .tuple(fc.constantFrom(...changesIn2025(zone)), fc.integer({ min: -1_440, max: 1_440 }))
    .map(([change, minutes]) => change + minutes * minuteMs)
const zoned = (at: number, zone: string) => Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
const iso = (at: string) => Date.parse(at)

describe.each(zones)('local time in %s', (name) => {
  const zone = zoneOf(name)

  it('is as far ahead of UTC as the IANA database says', () => {
    fc.assert(
      fc.property(nearChanges(name), (at) => {
        expect(zone.offsetAt(at)).toBe(zoned(at, name).offsetNanoseconds / 1e6)
      }),
      runs,
    )
  })

  it('is written in a field and read from it as calendars do', () => {
    fc.assert(
      fc.property(nearChanges(name), (at) => {
        const field = zone.fieldOf(at)
        expect(field).toBe(zoned(at, name).toPlainDateTime().toString({ smallestUnit: 'minute' }))
        // of a time shown twice the first
        const first = Temporal.PlainDateTime.from(field).toZonedDateTime(name, { disambiguation: 'compatible' })
        expect(zone.momentOf(field)).toBe(first.epochMilliseconds)
      }),
      runs,
    )
  })

  it('knows which minutes its clocks show twice', () => {
    fc.assert(
      fc.property(nearChanges(name), (at) => {
        const shown = zoned(at, name).toPlainDateTime()
        const [first, last] = (['earlier', 'later'] as const).map(
          (disambiguation) => shown.toZonedDateTime(name, { disambiguation }).epochMilliseconds,
        )
        expect(zone.isShownTwice(at)).toBe(first !== last)
      }),
      runs,
    )
  })

  it('reads every field, those that its clocks leave out too', () => {
    fc.assert(
      fc.property(nearChanges(name), (at) => {
        const field = new Date(at).toISOString().slice(0, 16)
        const expected = Temporal.PlainDateTime.from(field).toZonedDateTime(name)
        expect(zone.momentOf(field)).toBe(expected.epochMilliseconds)
      }),
      runs,
    )
    expect(zone.momentOf('')).toBeUndefined()
  })

  it('begins each day once, where the calendar does', () => {
    fc.assert(
      fc.property(nearChanges(name), (at) => {
        const to = at + 3 * dayMs
        const starts: number[] = []
        for (
          let day = zoned(at, name).toPlainDate();
          day.toZonedDateTime(name).epochMilliseconds <= to;
          day = day.add({ days: 1 })
        )
          starts.push(day.toZonedDateTime(name).epochMilliseconds)
        expect(zone.multiples(at, to, dayMs)).toEqual(starts.filter((start) => start >= at))
      }),
      runs,
    )
  })

  it.each([900_000, hourMs, 3 * hourMs, 6 * hourMs])('marks whole multiples of %i ms and leaves none out', (every) => {
    fc.assert(
      fc.property(nearChanges(name), (at) => {
        const marks = zone.multiples(at, at + dayMs, every)
        for (const mark of marks) {
          const jumped = zone.offsetAt(mark - 1) !== zone.offsetAt(mark)
          expect(jumped || (mark + zone.offsetAt(mark)) % every === 0).toBe(true)
        }
        // at most so far apart as the clocks may be set back
        for (const [i, mark] of [...marks, at + dayMs].entries())
          expect(mark - (marks[i - 1] ?? at)).toBeLessThanOrEqual(every + 2 * hourMs)
      }),
      runs,
    )
  })
})

it('an offset is written as hours and minutes', () => {
  expect([0, 20_700_000, -12_600_000, 37_800_000].map(offsetText)).toEqual([
    'UTC+00:00',
    'UTC+05:45',
    'UTC-03:30',
    'UTC+10:30',
  ])
})

describe('a day', () => {
  it.each([
    ['Asia/Ho_Chi_Minh', '2026-11-25T00:00:00+07:00', 24],
    ['Europe/Berlin', '2026-03-29T00:00:00+01:00', 23],
    ['Europe/Berlin', '2026-10-25T00:00:00+02:00', 25],
    ['America/New_York', '2026-11-01T00:00:00-04:00', 25],
    ['Australia/Lord_Howe', '2026-10-04T00:00:00+10:30', 23.5],
    ['Australia/Lord_Howe', '2026-04-05T00:00:00+11:00', 24.5],
    ['Asia/Kathmandu', '2026-11-25T00:00:00+05:45', 24],
  ])('in %s from %s has %d hours', (name, midnight, hours) => {
    const start = iso(midnight)
    expect(zoneOf(name).multiples(start, start + 30 * hourMs, dayMs)).toEqual([start, start + hours * hourMs])
  })

  it('has no marks outside the span', () => {
    const start = iso('2026-11-25T00:00:00+07:00')
    expect(zoneOf('Asia/Ho_Chi_Minh').multiples(start + 1, start + dayMs - 1, dayMs)).toEqual([])
  })
})

it('a zone that is none is refused', () => {
  expect(() => zoneOf('Asia/Hanoi')).toThrow(RangeError)
})
