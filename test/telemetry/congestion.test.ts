import { describe, expect, it } from 'vitest'
import { congestionIndex, congestionOf } from '#telemetry/kinds/traffic/congestion.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'

const meta: SensorMeta = { name: { vi: 'a', en: 'a' }, position: [106.1, 11.3], period: 5, freeFlowSpeed: 50 }
const passed = (averageVehicleSpeed?: number): Reading => ({
  ...{ district: 'tay-ninh', sensor: 'a-1', ts: 1_763_900_000_000, kind: 'traffic' },
  values: { intensity: 3, ...(averageVehicleSpeed === undefined ? {} : { averageVehicleSpeed }) },
})

describe('congestion', () => {
  it('has an index of free-flow speed over measured speed', () => {
    expect(congestionIndex(passed(20).values, meta)).toBe(2.5)
    expect(congestionIndex(passed(0).values, meta)).toBe(Number.POSITIVE_INFINITY)
  })

  it('has none when nothing passed, or the free-flow speed is not known, or nobody counts vehicles', () => {
    const { freeFlowSpeed: _, ...unknown } = meta
    expect(congestionIndex(passed().values, meta)).toBeUndefined()
    expect(congestionIndex(passed(20).values, unknown)).toBeUndefined()
    expect(congestionIndex(undefined, meta)).toBeUndefined()
    const air: Reading = { district: 'a', sensor: 'b', ts: 1, kind: 'air-quality', values: { pm25: 5 } }
    expect(congestionIndex(air.values, meta)).toBeUndefined()
  })

  it.each([
    [1, 'free'],
    [1.2499, 'free'],
    [1.25, 'slow'],
    [2, 'slow'],
    [2.0001, 'jammed'],
    [Number.POSITIVE_INFINITY, 'jammed'],
  ])('at an index of %f is %s', (index, congestion) => {
    expect(congestionOf(index)).toBe(congestion)
  })
})
