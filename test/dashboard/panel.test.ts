import { describe, expect, it } from 'vitest'
import { distance } from '#telemetry/geometry.ts'
import { type Kind, kindOf } from '#telemetry/kinds.ts'
import type { SensorMeta, SensorState } from '#telemetry/sensor.ts'
import { bucketMsOf, rangeOf } from '../../dashboard/src/sensor/chart/ranges.ts'
import { withLimits } from '../../dashboard/src/sensor/chart/series.ts'
import { neighboursOf } from '../../dashboard/src/sensor/neighbours.ts'

const at = Date.UTC(2026, 10, 25)
const meta: SensorMeta = { name: { vi: 'x', en: 'x' }, position: [106.1, 11.3], period: 60 }

describe('the limits of a value', () => {
  const values = (kind: Kind, name: string, of: SensorMeta | undefined, ts: number) =>
    kindOf(kind)
      .limits(name, of, ts)
      .map(({ value }) => value)

  it('of traffic are the speeds from which it is slow and jammed, where free flow is known', () => {
    expect(values('traffic', 'averageVehicleSpeed', { ...meta, freeFlowSpeed: 50 }, at)).toEqual([40, 25])
    expect(values('traffic', 'averageVehicleSpeed', meta, at)).toEqual([])
    expect(values('traffic', 'intensity', { ...meta, freeFlowSpeed: 50 }, at)).toEqual([])
  })

  it('of a lamp are its nominal power, and 230 V ± 10 %', () => {
    expect(values('lighting', 'activePower', { ...meta, nominalPower: 80 }, at)).toEqual([80])
    expect(values('lighting', 'activePower', undefined, at)).toEqual([])
    expect(values('lighting', 'voltage', undefined, at).map(Math.round)).toEqual([207, 253])
  })

  it('of PM2.5 are those of the regulation in force then, and the bounds of VN_AQI', () => {
    expect(values('air-quality', 'pm25', undefined, at)).toEqual([45, 50, 150])
    expect(values('air-quality', 'pm25', undefined, Date.UTC(2025, 11, 31, 16, 59))).toEqual([50, 150])
    expect(values('air-quality', 'no2', undefined, at)).toEqual([200])
    expect(values('air-quality', 'temperature', undefined, at)).toEqual([])
  })

  it('are in sight when they are near, and do not press the line flat when they are not', () => {
    const limit = (value: number) => [{ value }]
    expect(withLimits(30, 40, limit(45))).toEqual([30, 45])
    expect(withLimits(30, 40, limit(25))).toEqual([25, 40])
    expect(withLimits(30, 40, limit(150))).toEqual([30, 40])
    expect(withLimits(null, null, limit(45))).toEqual([0, 1])
  })
})

describe('the range of a chart', () => {
  it('gives an hour as measured unless that is more than an answer holds', () => {
    expect([rangeOf('1h', 5).window, rangeOf('1h', 0.1).window]).toEqual(['raw', '1m'])
    expect([bucketMsOf(rangeOf('1h', 5)), bucketMsOf(rangeOf('24h', 5)), bucketMsOf(rangeOf('7d', 5))]).toEqual([
      0, 300_000, 3_600_000,
    ])
    expect([rangeOf('30d', 5).window, bucketMsOf(rangeOf('30d', 5))]).toEqual(['1d', 86_400_000])
  })
})

describe('the neighbours of a sensor', () => {
  const sensor = (id: string, position?: [number, number], kind: SensorState['kind'] = 'traffic'): SensorState => ({
    ...{ id, kind, district: 'tay-ninh' },
    ...(position && { meta: { ...meta, position } }),
  })

  it('are the nearest of its kind, the nearest first', () => {
    const here = sensor('here', [106.1, 11.3])
    const all = [
      sensor('far', [106.2, 11.3]),
      here,
      sensor('lamp', [106.1, 11.3], 'lighting'),
      sensor('near', [106.101, 11.3]),
      sensor('nowhere'),
      sensor('next', [106.1, 11.31]),
    ]
    const ids = (most: number) => neighboursOf(here, all, most).map(({ sensor: { id } }) => id)
    expect(ids(9)).toEqual(['near', 'next', 'far'])
    expect(ids(2)).toEqual(['near', 'next'])
    expect(neighboursOf(sensor('nowhere'), all, 2)).toEqual([])
  })

  it('are as far as a map says', () => {
    // a hundredth of a degree of latitude is 1,112 m everywhere; of longitude less, by the cosine of the latitude
    expect(distance([106.1, 11.3], [106.1, 11.31])).toBeCloseTo(1_112, -1)
    expect(distance([106.1, 11.3], [106.11, 11.3])).toBeCloseTo(1_090, -1)
  })
})
