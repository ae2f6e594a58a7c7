import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hourMs } from '#telemetry/durations.ts'
import { zoneOf } from '../../dashboard/src/i18n/zone.ts'
import { addDays, dateOf, dayOf, sameTimeOn } from '../../dashboard/src/replay/day.ts'
import { addMonths, dateByKey, weeksOf } from '../../dashboard/src/replay/month.ts'

const dates = fc
  .date({ min: new Date('2001-01-01'), max: new Date('2098-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))
const zones = fc.constantFrom(
  'Asia/Ho_Chi_Minh',
  'Europe/Berlin',
  'America/St_Johns',
  'Australia/Lord_Howe',
  'Asia/Beirut',
)

describe('the day on the scrubber', () => {
  it('has 24 hours where the clocks never change, and 23 or 25 where they do', () => {
    const hours = (zone: string, date: string) => {
      const { from, to } = dayOf(zoneOf(zone), date)
      return (to - from) / hourMs
    }
    expect(hours('Asia/Ho_Chi_Minh', '2026-03-29')).toBe(24)
    expect(dayOf(zoneOf('Asia/Ho_Chi_Minh'), '2026-11-22').from).toBe(Date.UTC(2026, 10, 21, 17))
    expect([hours('Europe/Berlin', '2026-03-29'), hours('Europe/Berlin', '2026-10-25')]).toEqual([23, 25])
    // the clocks leave midnight out
    expect([
      hours('Asia/Beirut', '2026-03-29'),
      dateOf(zoneOf('Asia/Beirut'), dayOf(zoneOf('Asia/Beirut'), '2026-03-29').from),
    ]).toEqual([23, '2026-03-29'])
  })

  it('holds every moment of its date, and the days follow one another without a gap', () => {
    fc.assert(
      fc.property(dates, zones, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (date, name, share) => {
        const zone = zoneOf(name)
        const { from, to } = dayOf(zone, date)
        expect(dateOf(zone, from + Math.floor((to - from) * share))).toBe(date)
        expect(dayOf(zone, addDays(date, 1)).from).toBe(to)
      }),
    )
  })

  it('is entered at the time of day that was shown', () => {
    fc.assert(
      fc.property(dates, dates, fc.nat({ max: 24 * 60 - 1 }), (date, other, minute) => {
        const zone = zoneOf('Asia/Ho_Chi_Minh')
        const at = sameTimeOn(zone, other, dayOf(zone, date).from + minute * 60_000)
        expect([dateOf(zone, at), at - dayOf(zone, other).from]).toEqual([other, minute * 60_000])
      }),
    )
  })
})

describe('the calendar', () => {
  it('has every day of the month once, in whole weeks from Monday', () => {
    fc.assert(
      fc.property(dates, (date) => {
        const days = weeksOf(date).flat()
        expect(days.length % 7).toBe(0)
        expect(new Date(days[0] ?? '').getUTCDay()).toBe(1)
        expect(days).toEqual(days.map((_, at) => addDays(days[0] ?? '', at)))
        const inMonth = days.filter((day) => day.startsWith(date.slice(0, 7)))
        expect(inMonth).toContain(date)
        expect(addDays(inMonth.at(-1) ?? '', 1)).toBe(`${addMonths(date, 1).slice(0, 8)}01`)
      }),
    )
  })

  it('is walked by keys', () => {
    const keys = ['ArrowLeft', 'ArrowDown', 'Home', 'End', 'PageUp', 'PageDown', 'x']
    expect(keys.map((key) => dateByKey('2026-03-31', key))).toEqual([
      ...['2026-03-30', '2026-04-07', '2026-03-30', '2026-04-05', '2026-02-28', '2026-04-30'],
      undefined,
    ])
  })
})
