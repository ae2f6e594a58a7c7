import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { windowsOf } from '#history/calendar.ts'
import { type PlaceAsked, placeFigures } from '#history/figures/air/air-place.ts'
import { GroupHours } from '#history/figures/air/group-hours.ts'
import type { HoursOfPlace } from '#history/figures/air/vn-aqi.ts'
import { hourGrid } from '#history/figures/hour-grid.ts'
import { spanOf } from '#history/time-buckets.ts'
import { airStandards, limitOn, limitsOf } from '#telemetry/air-standards.ts'
import type { FigureWindow } from '#telemetry/figures/figure-windows.ts'
import { pollutants } from '#telemetry/vn-aqi.ts'

const zone = 'Asia/Ho_Chi_Minh'
const hourMs = 3_600_000
/** 30 December 2025, 0:00 in the districts */
const from = Date.UTC(2025, 11, 29, 17)
const days = 4

function asked(
  window: FigureWindow,
  hoursOver = days * 24,
  standard: (typeof airStandards)[number] = 'qcvn',
): PlaceAsked {
  const windows = windowsOf(window, zone, { from, to: from + days * 24 * hourMs })
  const asOf = from + hoursOver * hourMs
  return { window, windows, standard, asOf, grid: hourGrid(zone, spanOf(windows), 11, asOf) }
}

/** Means of the hours from eleven before the span on, most of them about the limits. */
const mean = fc.option(fc.integer({ min: 0, max: 260 }), { nil: undefined, freq: 6 })
const hours = fc.array(mean, { minLength: 11 + days * 24, maxLength: 11 + days * 24 })
const places = fc
  .dictionary(fc.constantFrom(...pollutants), hours)
  .map(
    (found): HoursOfPlace =>
      Object.fromEntries(
        Object.entries(found).map(([name, means]) => [name, { means, readings: means.map((each) => (each ? 1 : 0)) }]),
      ),
  )

describe('the figures of a place', () => {
  it('count in their bands, with those that have no index, every day that is over', () => {
    fc.assert(
      fc.property(places, fc.integer({ min: 0, max: days * 24 }), (place, hoursOver) => {
        const { bands } = placeFigures(place, asked('1d', hoursOver))
        expect(Object.values<number>(bands ?? {}).reduce((sum, count) => sum + count, 0)).toBe(
          Math.floor(hoursOver / 24),
        )
      }),
    )
  })

  it('have as many exceedances in their buckets, by hours or days, as in their limits', () => {
    fc.assert(
      fc.property(places, fc.constantFrom<FigureWindow>('1h', '1d'), fc.constantFrom(...airStandards), (...given) => {
        const [place, window, standard] = given
        const { buckets, limits } = placeFigures(place, asked(window, days * 24, standard))
        const counts = new Map<string, number>()
        for (const { pollutant, period, count } of buckets.flatMap(({ exceedances = [] }) => exceedances))
          counts.set(`${pollutant}/${period}`, (counts.get(`${pollutant}/${period}`) ?? 0) + count)
        for (const { pollutant, period, exceedances } of limits)
          expect(counts.get(`${pollutant}/${period}`) ?? 0).toBe(exceedances)
      }),
    )
  })

  it('are above where the mean of 8 hours, by hand, is above the limit of its day', () => {
    fc.assert(
      fc.property(places, (place) => {
        const { limits } = placeFigures(place, asked('1d'))
        const means = place.o3?.means
        const found = limits.find(({ pollutant, period }) => pollutant === 'o3' && period === '8h')
        if (!means) return
        let above = 0
        for (let at = 11; at < means.length; at += 1) {
          const held = means.slice(at - 7, at + 1).filter((each) => each !== undefined)
          if (held.length >= 6 && held.reduce((sum, each) => sum + each, 0) / held.length > 120) above += 1
        }
        expect(found?.exceedances).toBe(above)
      }),
    )
  })

  it('are judged by the limit of the day on which a mean begins: 31 December by 50, 1 January by 45', () => {
    const pm25 = {
      means: new Array<number>(11 + days * 24).fill(47),
      readings: new Array<number>(11 + days * 24).fill(1),
    }
    const [found] = placeFigures({ pm25 }, asked('1d')).limits
    expect(found).toMatchObject({ judged: 4, exceedances: 2, limits: [{ limit: 50 }, { limit: 45 }] })
    expect(found?.episodes).toMatchObject([{ start: from + 48 * hourMs, over: 2, limit: 45 }])
    expect(limitOn(limitsOf('qcvn', 'pm25', '24h'), '2025-12-31')).toBe(50)
  })
})

describe('the hours of a group', () => {
  it('are those of its one station, and lie between those of several', () => {
    fc.assert(
      fc.property(fc.array(places, { minLength: 1, maxLength: 4 }), (stations) => {
        const length = 11 + days * 24
        const group = new GroupHours(length)
        for (const station of stations) group.add(station, () => true)
        const found = group.end()
        for (const pollutant of pollutants)
          for (let at = 0; at < length; at += 1) {
            const own = stations.flatMap((station) => station[pollutant]?.means[at] ?? [])
            const shown = found[pollutant]?.means[at]
            expect(shown === undefined).toBe(own.length === 0)
            if (own.length === 1) expect(shown).toBe(own[0])
            if (shown !== undefined) expect(shown).toBeGreaterThanOrEqual(Math.min(...own) - 1e-9)
            if (shown !== undefined) expect(shown).toBeLessThanOrEqual(Math.max(...own) + 1e-9)
          }
      }),
      { numRuns: 10 },
    )
  })

  it('leave out a station in the hours in which it was not there', () => {
    const hoursOf = (means: number[]): HoursOfPlace => ({ pm25: { means, readings: means.map(() => 60) } })
    const group = new GroupHours(3)
    group.add(hoursOf([10, 10, 10]), () => true)
    group.add(hoursOf([30, 30, 30]), (at) => at === 1)
    expect(group.end()).toEqual({ pm25: { means: [10, 20, 10], readings: Uint32Array.of(60, 120, 60) } })
  })
})
