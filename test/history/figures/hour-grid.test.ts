import { describe, expect, it } from 'vitest'
import { windowsOf } from '#history/calendar.ts'
import { hourGrid } from '#history/figures/hour-grid.ts'
import { localHours, oddZones } from '../../support/local-hours.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** 1 January 2026, 0:00 in the districts */
const newYear = Date.UTC(2025, 11, 31, 17)
const zone = 'Asia/Ho_Chi_Minh'

describe('the hours of a span', () => {
  it('begin some hours before it and end with the newest that is over', () => {
    const span = { from: newYear, to: newYear + 2 * dayMs }
    const { hours, lead, days } = hourGrid(zone, span, 11, newYear + 30.5 * hourMs)
    expect([lead, hours.length]).toEqual([11, 41])
    expect(hours[0]).toEqual({ start: newYear - 11 * hourMs, end: newYear - 10 * hourMs })
    expect(hours.at(-1)?.end).toBe(newYear + 30 * hourMs)
    expect(days).toEqual([
      { start: newYear, end: newYear + dayMs, date: '2026-01-01', first: 11, last: 35, of: 24 },
      { start: newYear + dayMs, end: newYear + 2 * dayMs, date: '2026-01-02', first: 35, last: 41, of: 24 },
    ])
  })

  it('of a span that has not begun are none', () => {
    const { hours, lead, days } = hourGrid(zone, { from: newYear, to: newYear + dayMs }, 0, newYear - hourMs)
    expect([hours, lead, days]).toEqual([[], 0, []])
  })

  it.each(oddZones)('are those that the clock of %s shows, each in the day that it is in', (odd, around) => {
    const [day] = windowsOf('1d', odd, { from: around, to: around + 1 })
    if (!day) throw new Error('there is no day')
    const span = { from: day.start, to: windowsOf('1d', odd, { from: day.end, to: day.end + 1 })[0]?.end ?? 0 }
    const { hours, lead, days } = hourGrid(odd, span, 7, span.to)
    const shown = localHours(odd, span.from - 12 * hourMs, span.to).map(({ from, to }) => ({ start: from, end: to }))
    expect(hours).toEqual(shown.slice(-hours.length))
    expect([lead, hours[lead]?.start]).toEqual([7, span.from])
    expect(days.map(({ of, first, last }) => last - first - of)).toEqual([0, 0])
    expect(days.at(-1)?.last).toBe(hours.length)
  })
})
