import { describe, expect, it } from 'vitest'
import { airStandards, averagingPeriods, limitOn, limitsOf } from '#telemetry/air-standards.ts'
import { airQuality } from '#telemetry/kinds/air-quality/kind.ts'
import { pollutants } from '#telemetry/vn-aqi.ts'

/** The limits of a standard on a day, a line each: pollutant, then those of 1 h, 8 h, 24 h and a year. */
const table = (standard: (typeof airStandards)[number], day: string) =>
  pollutants.map((pollutant) => [
    pollutant,
    ...averagingPeriods.map((period) => limitOn(limitsOf(standard, pollutant, period), day)),
  ])

describe('the limits of ambient air', () => {
  it('are those of table 1 of QCVN 05:2023/BTNMT', () => {
    expect(table('qcvn', '2026-01-01')).toEqual([
      ['pm25', undefined, undefined, 45, 25],
      ['pm10', undefined, undefined, 100, 50],
      ['o3', 200, 120, undefined, undefined],
      ['no2', 200, undefined, 100, 40],
      ['so2', 350, undefined, 125, 50],
      ['co', 30_000, 10_000, undefined, undefined],
    ])
  })

  it('change on their day: PM2.5 over 24 h was 50 until the end of 2025', () => {
    const limits = limitsOf('qcvn', 'pm25', '24h')
    expect(limitOn(limits, '2024-06-01')).toBe(50)
    expect(limitOn(limits, '2025-12-31')).toBe(50)
    expect(limitOn(limits, '2026-01-01')).toBe(45)
    expect(limitOn(limits, '2030-01-01')).toBe(45)
  })

  it('of WHO 2021 are a second view', () => {
    expect(table('who', '2026-06-01')).toEqual([
      ['pm25', undefined, undefined, 15, 5],
      ['pm10', undefined, undefined, 45, 15],
      ['o3', undefined, 100, undefined, undefined],
      ['no2', undefined, undefined, 25, 10],
      ['so2', undefined, undefined, 40, undefined],
      ['co', undefined, undefined, 4_000, undefined],
    ])
  })

  it.each(airStandards)('of one parameter and period follow one another without a gap: %s', (standard) => {
    for (const pollutant of pollutants)
      for (const period of averagingPeriods)
        for (const [at, { until }] of limitsOf(standard, pollutant, period).entries())
          expect(until).toBe(limitsOf(standard, pollutant, period)[at + 1]?.from)
  })

  it('are the lines that charts are drawn with', () => {
    const linesOn = (name: 'pm25' | 'no2' | 'co', ts: number) =>
      airQuality.limits(name, undefined, ts).map(({ value }) => value)
    expect(linesOn('pm25', Date.UTC(2025, 11, 31, 16, 59))).toEqual([50, 150])
    expect(linesOn('pm25', Date.UTC(2025, 11, 31, 17))).toEqual([45, 50, 150])
    expect(linesOn('no2', 0)).toEqual([200])
    expect(linesOn('co', 0)).toEqual([30_000])
  })
})
