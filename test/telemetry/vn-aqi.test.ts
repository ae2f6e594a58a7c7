import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type AqiColumn, aqiBand, aqiBands, pollutants, subIndex, vnAqiOf } from '#telemetry/vn-aqi.ts'
import { dailyVnAqi, hourlyVnAqi, isHourComplete, nowcast } from '#telemetry/vn-aqi-periods.ts'

const columns: AqiColumn[] = [...pollutants, 'o3Over8h']
const hours = (mean: number, count = 24) => Array.from({ length: count }, () => mean)
const mean = fc.double({ min: 0, max: 2_000, noNaN: true })
const missing = fc.option(mean, { nil: undefined })

describe('a sub-index', () => {
  it.each([
    ['pm25', 12.5, 25],
    ['pm25', 25, 50],
    ['pm25', 37.5, 75],
    ['pm25', 65, 125],
    ['pm25', 150, 200],
    ['pm25', 300, 350],
    ['pm10', 100, 75],
    ['pm10', 385, 250],
    ['o3', 180, 75],
    ['o3Over8h', 110, 75],
    ['o3Over8h', 400, 300],
    ['no2', 450, 125],
    ['so2', 1_200, 250],
    ['co', 5_000, 25],
    ['co', 135_000, 450],
  ] as const)('of %s at %f µg/m³ is %f', (column, concentration, index) => {
    expect(subIndex(column, concentration)).toBeCloseTo(index, 9)
  })

  it('is 500 beyond the last breakpoint, and nothing where ozone has no 8 h column any more', () => {
    for (const pollutant of pollutants) expect(subIndex(pollutant, 1e6)).toBe(500)
    expect(subIndex('o3Over8h', 400.1)).toBeUndefined()
  })

  it('never falls while the concentration rises, and stays between 0 and 500', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...columns),
        fc.double({ min: 0, max: 400, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (column, concentration, share) => {
          const higher = subIndex(column, concentration)
          const lower = subIndex(column, concentration * share)
          expect(higher).toBeGreaterThanOrEqual(lower ?? Number.NaN)
          expect(higher).toBeLessThanOrEqual(500)
          expect(lower).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })

  it('has no jump at a breakpoint', () => {
    fc.assert(
      fc.property(fc.constantFrom(...columns), fc.integer({ min: 1, max: 399 }), (column, concentration) => {
        const before = subIndex(column, concentration - 1e-9) ?? Number.NaN
        expect(subIndex(column, concentration + 1e-9)).toBeCloseTo(before, 6)
      }),
    )
  })
})

describe('a band', () => {
  it.each([
    [0, 'Tốt', '0,228,0'],
    [50, 'Tốt', '0,228,0'],
    [51, 'Trung bình', '255,255,0'],
    [101, 'Kém', '255,126,0'],
    [150, 'Kém', '255,126,0'],
    [151, 'Xấu', '255,0,0'],
    [201, 'Rất xấu', '143,63,151'],
    [301, 'Nguy hại', '126,0,35'],
    [500, 'Nguy hại', '126,0,35'],
  ])('at %i is %s', (index, name, colour) => {
    expect([aqiBand(index).vi, aqiBand(index).rgb.join()]).toEqual([name, colour])
  })

  it('is worse than the one before it', () => {
    expect(aqiBands.map(({ upTo }) => upTo)).toEqual([50, 100, 150, 200, 300, 500])
  })
})

describe('the index', () => {
  it('is its largest sub-index, rounded last, and names the parameter', () => {
    expect(vnAqiOf({ pm25: 74.4, pm10: 60.5, no2: 74.6 })).toEqual({
      index: 75,
      worst: 'no2',
      subIndices: { pm25: 74, pm10: 61, no2: 75 },
    })
  })

  it('needs PM10 or PM2.5', () => {
    expect(vnAqiOf({ o3: 180, no2: 20, so2: undefined })).toBeUndefined()
    expect(vnAqiOf({ pm10: 20 })?.index).toBe(20)
  })
})

describe('Nowcast', () => {
  it('weighs with ½ where the hours differ much, normalised: worked example with the newest hour missing', () => {
    expect(nowcast([undefined, 60, 58, 55, 50, 45, 40, 36, 30, 28, 25, 20])).toBeCloseTo(57, 1)
  })

  it('weighs with the smallest over the largest where they differ little', () => {
    // w = 40 / 50; (50 + 0.8·40) / 1.8
    expect(nowcast([50, 40])).toBeCloseTo(82 / 1.8, 9)
  })

  it('needs two of the newest three hours', () => {
    expect(nowcast([20, undefined, undefined, 20, 20, 20])).toBeUndefined()
    expect(nowcast([undefined, 20, 20])).toBe(20)
    expect(nowcast([])).toBeUndefined()
  })

  it('differs from the text of the decision by at most 0.03 % when all hours are there', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 11, maxLength: 11 }), (older) => {
        const means = [50, ...older]
        const text = means.reduce((sum, value, at) => sum + 0.5 ** (at + 1) * value, 0)
        expect(Math.abs((nowcast(means) ?? 0) / text - 1)).toBeLessThan(0.0003)
      }),
    )
  })

  it('lies between the smallest and the largest hour, and looks at twelve', () => {
    fc.assert(
      fc.property(fc.array(missing, { maxLength: 14 }), (means) => {
        const value = nowcast(means)
        const held = means.slice(0, 12).filter((one) => one !== undefined)
        if (value === undefined) return
        expect(value).toBeGreaterThanOrEqual(Math.min(...held) - 1e-9)
        expect(value).toBeLessThanOrEqual(Math.max(...held) + 1e-9)
        expect(nowcast(means.slice(0, 12))).toBe(value)
      }),
    )
  })
})

describe('the hourly VN_AQI', () => {
  it('takes Nowcast of dust and the newest hour of gases: worked example', () => {
    // PM2.5 45 throughout: 50 + 50·20/25 = 90; NO₂ 150 now: 75; O₃ 40: 12.5
    expect(hourlyVnAqi({ pm25: hours(45, 12), no2: [150, 900], o3: [40] })).toEqual({
      index: 90,
      worst: 'pm25',
      subIndices: { pm25: 90, o3: 13, no2: 75 },
    })
  })

  it('says nothing of a station whose dust is not known now', () => {
    expect(hourlyVnAqi({ pm25: [30, undefined, undefined, 30], no2: [150] })).toBeUndefined()
  })

  it('is a whole number from 0 to 500 whatever is measured', () => {
    fc.assert(
      fc.property(fc.array(missing, { maxLength: 12 }), fc.array(missing, { maxLength: 12 }), (pm25, co) => {
        const found = hourlyVnAqi({ pm25, co })
        if (!found) return
        expect(Number.isInteger(found.index)).toBe(true)
        expect(found.index).toBeGreaterThanOrEqual(0)
        expect(found.index).toBeLessThanOrEqual(500)
        expect(found.subIndices[found.worst]).toBe(found.index)
      }),
    )
  })
})

describe('the daily VN_AQI', () => {
  it('takes the mean of the day for dust and the largest hour for gases', () => {
    const no2 = [...hours(20, 23), 150]
    expect(dailyVnAqi({ pm25: [...hours(20, 12), ...hours(55, 12)], no2 })?.subIndices).toEqual({ pm25: 75, no2: 75 })
  })

  it('takes the worse of ozone over 1 h and over 8 h, whose mean may begin the day before', () => {
    expect(dailyVnAqi({ pm25: hours(10), o3: hours(110) })?.subIndices.o3).toBe(75)
    expect(dailyVnAqi({ pm25: hours(10), o3: [...hours(110, 7), 110, ...hours(0, 23)] })?.subIndices.o3).toBe(75)
    // above 400 µg/m³ over 8 h only the hours count
    expect(dailyVnAqi({ pm25: hours(10), o3: hours(500) })?.subIndices.o3).toBe(225)
  })

  it('needs three quarters of the hours', () => {
    const most = [...hours(30, 18), ...Array.from({ length: 6 }, () => undefined)]
    expect(dailyVnAqi({ pm25: most })?.index).toBe(60)
    expect(dailyVnAqi({ pm25: [...most.slice(1), undefined] })).toBeUndefined()
  })
})

it('an hour is complete with three quarters of its readings', () => {
  expect(isHourComplete(270, 10)).toBe(true)
  expect(isHourComplete(269, 10)).toBe(false)
  expect(isHourComplete(1, 3_600)).toBe(true)
})
