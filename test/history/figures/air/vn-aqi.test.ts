import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HourlyMeans } from '#history/figures/air/hourly-means.ts'
import { dailyFigure, type HoursOfPlace, hourlyFigure } from '#history/figures/air/vn-aqi.ts'
import { pollutants } from '#telemetry/vn-aqi.ts'
import { dailyVnAqi, hourlyVnAqi } from '#telemetry/vn-aqi-periods.ts'

const day = { first: 0, last: 24, of: 24 }
const same = (mean: number | undefined, count = 24) => Array.from({ length: count }, () => mean)

/** The hours of a place; an hour without a mean had one reading, which is too few. */
function place(means: Readonly<Record<string, HourlyMeans>>): HoursOfPlace {
  return Object.fromEntries(
    Object.entries(means).map(([pollutant, hours]) => [pollutant, { means: hours, readings: hours.map(() => 1) }]),
  )
}

const mean = fc.option(fc.double({ min: 0, max: 700, noNaN: true }), { nil: undefined })
const hoursOf = (count: number) => fc.array(mean, { minLength: count, maxLength: count })
const places = (count: number) => fc.dictionary(fc.constantFrom(...pollutants), hoursOf(count))

describe('the hourly VN_AQI with its parts', () => {
  it('shows what it is made of: worked example', () => {
    // PM2.5 60, 80, 90, the newest last: w = 60/90; (90 + 80·⅔ + 60·4/9) / (1 + ⅔ + 4/9) = 170 / 2.1111 = 80.526
    // 150 + 50 · 0.526 / 70 = 150.4; NO₂ 450 in the newest hour: 100 + 50 · 250 / 500 = 125
    const { index, worst, parts, none } = hourlyFigure(place({ pm25: [60, 80, 90], no2: [900, 900, 450] }), 2)
    expect({ index, worst, none }).toEqual({ index: 150, worst: 'pm25', none: undefined })
    expect(parts.pm25?.concentration).toBeCloseTo(170 / (1 + 2 / 3 + 4 / 9), 9)
    expect(parts.pm25).toMatchObject({ over: 'nowcast', subIndex: 150, hours: 3, of: 12 })
    expect(parts.no2).toEqual({ over: '1h', concentration: 450, subIndex: 125, hours: 1, of: 1 })
  })

  it('says why there is none, and still shows the parts there are', () => {
    const unmeasured = { means: same(undefined, 12), readings: same(0, 12).map(() => 0) }
    expect(hourlyFigure({ pm25: unmeasured }, 11)).toEqual({
      parts: {},
      none: { code: 'NO_READINGS', params: { hours: 12 } },
    })
    expect(hourlyFigure(place({ no2: [20] }), 0)).toEqual({
      parts: { no2: { over: '1h', concentration: 20, subIndex: 10, hours: 1, of: 1 } },
      none: { code: 'NO_PARTICULATES', params: {} },
    })
    expect(hourlyFigure(place({ pm10: [30, 30, 30, 30, undefined, undefined] }), 5)).toEqual({
      parts: { pm10: { over: 'nowcast', hours: 4, of: 12 } },
      none: { code: 'TOO_FEW_HOURS', params: { complete: 1, needed: 2, of: 3 } },
    })
  })

  it('is what the live page says of the same hours', () => {
    fc.assert(
      fc.property(places(14), fc.integer({ min: 0, max: 13 }), (means, at) => {
        const newestFirst = Object.fromEntries(
          Object.entries(means).map(([pollutant, hours]) => [pollutant, hours.slice(0, at + 1).reverse()]),
        )
        const live = hourlyVnAqi(newestFirst)
        const figure = hourlyFigure(place(means), at)
        expect(figure.index).toBe(live?.index)
        expect(figure.worst).toBe(live?.worst)
        expect(figure.none === undefined).toBe(live !== undefined)
      }),
    )
  })

  it('looks at no later hour, and at none but the last twelve', () => {
    fc.assert(
      fc.property(places(20), places(20), (means, others) => {
        const mixed = Object.fromEntries(
          Object.entries(means).map(([pollutant, hours]) => [
            pollutant,
            hours.map((each, at) => (at >= 4 && at <= 15 ? each : others[pollutant]?.[at])),
          ]),
        )
        expect(hourlyFigure(place(mixed), 15)).toEqual(hourlyFigure(place(means), 15))
      }),
    )
  })
})

describe('the daily VN_AQI with its parts', () => {
  it('takes dust by the day, gases by their largest hour, ozone by the worse of hour and 8 hours: worked example', () => {
    const peak = (rest: number, most: number) => [...same(rest, 12), most, ...same(rest, 11)]
    const figure = dailyFigure(
      place({
        pm25: [...same(40, 12), ...same(70, 12)], // 55: 100 + 50 · 5/30 = 108.3
        pm10: same(120), // 50 + 50 · 70/100 = 85
        o3: same(118), // the hour: 50 · 118/160 = 36.9; over 8 h: 50 + 50 · 18/20 = 95
        no2: peak(20, 150), // 50 + 50 · 50/100 = 75
        so2: peak(20, 200), // 50 + 50 · 75/225 = 66.7
        co: peak(500, 12_000), // 50 + 50 · 2000/20000 = 55
      }),
      day,
    )
    expect(figure).toEqual({
      ...{ index: 108, worst: 'pm25' },
      parts: {
        pm25: { over: '24h', concentration: 55, subIndex: 108, hours: 24, of: 24 },
        pm10: { over: '24h', concentration: 120, subIndex: 85, hours: 24, of: 24 },
        o3: { over: '8h', concentration: 118, subIndex: 95, hours: 24, of: 24 },
        no2: { over: '1h', concentration: 150, subIndex: 75, hours: 24, of: 24 },
        so2: { over: '1h', concentration: 200, subIndex: 67, hours: 24, of: 24 },
        co: { over: '1h', concentration: 12_000, subIndex: 55, hours: 24, of: 24 },
      },
    })
  })

  it('needs 75 % of the hours that the day has, 18 of 24 and 19 of 25', () => {
    const with18 = [...same(20, 18), ...same(undefined, 7)]
    expect(dailyFigure(place({ pm25: with18 }), day).index).toBe(40)
    expect(dailyFigure(place({ pm25: with18 }), { first: 0, last: 25, of: 25 })).toEqual({
      parts: { pm25: { over: '24h', hours: 18, of: 25 } },
      none: { code: 'TOO_FEW_HOURS', params: { complete: 18, needed: 19, of: 25 } },
    })
    // 17 hours of a day that is not over
    expect(dailyFigure(place({ pm25: same(20, 17) }), { first: 0, last: 17, of: 24 }).none).toEqual({
      code: 'TOO_FEW_HOURS',
      params: { complete: 17, needed: 18, of: 24 },
    })
  })

  it('lets ozone over 8 h begin the day before, and leaves it out beyond 400 µg/m³', () => {
    const o3 = [...same(110, 8), ...same(0, 23)]
    const { parts } = dailyFigure(place({ pm25: same(10, 31), o3 }), { first: 7, last: 31, of: 24 })
    expect(parts.o3).toEqual({ over: '8h', concentration: 110, subIndex: 75, hours: 24, of: 24 })
    expect(dailyFigure(place({ pm25: same(10), o3: same(500) }), day).parts.o3).toMatchObject({
      ...{ over: '1h', concentration: 500, subIndex: 225 },
    })
  })

  it('is the index of the decision for any 24 hours', () => {
    fc.assert(
      fc.property(places(31), (means) => {
        const figure = dailyFigure(place(means), { first: 7, last: 31, of: 24 })
        const known = dailyVnAqi(means)
        expect(figure.index).toBe(known?.index)
        expect(figure.worst).toBe(known?.worst)
      }),
    )
  })
})
