import { describe, expect, it } from 'vitest'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import { findingOf } from '../../dashboard/src/sensor/sensor-level.ts'

const sensorLevel = (state: Parameters<typeof findingOf>[0]) => findingOf(state, state.reading?.ts ?? 0)?.level ?? 0
const identity = { district: 'tay-ninh', sensor: 'a-1', ts: 1_763_900_000_000 }
const meta = (freeFlowSpeed?: number): SensorMeta => ({
  name: { vi: 'a', en: 'a' },
  position: [106.1, 11.3],
  period: 5,
  ...(freeFlowSpeed === undefined ? {} : { freeFlowSpeed }),
})
const traffic = (averageVehicleSpeed?: number): Reading => ({
  ...identity,
  kind: 'traffic',
  values: { intensity: 3, ...(averageVehicleSpeed === undefined ? {} : { averageVehicleSpeed }) },
})
const air = (pm25?: number): Reading => ({
  ...identity,
  kind: 'air-quality',
  values: pm25 === undefined ? { temperature: 30 } : { pm25 },
})
const lamp = (fault?: 'none' | 'lamp' | 'driver' | 'supply'): Reading => ({
  ...identity,
  kind: 'lighting',
  values: { powerState: 'on', ...(fault === undefined ? {} : { fault }) },
})

describe('the level of a traffic sensor', () => {
  it.each([
    [50, 0],
    [40.1, 0],
    [40, 1],
    [25.1, 1],
    [25, 1],
    [24.9, 2],
    [0, 2],
  ])('at %f km/h of 50 km/h free flow is %i', (speed, level) => {
    expect(sensorLevel({ reading: traffic(speed), meta: meta(50) })).toBe(level)
  })

  it('is normal when nothing passed or the free-flow speed is not known', () => {
    expect(sensorLevel({ reading: traffic(), meta: meta(50) })).toBe(0)
    expect(sensorLevel({ reading: traffic(5), meta: meta() })).toBe(0)
    expect(sensorLevel({ reading: traffic(5) })).toBe(0)
  })
})

describe('the level of an air-quality station', () => {
  it.each([
    [50, 0],
    [50.1, 1],
    [150, 1],
    [150.1, 2],
  ])('at %f µg/m³ PM2.5 is %i', (pm25, level) => {
    expect(sensorLevel({ reading: air(pm25) })).toBe(level)
  })

  it('is normal without PM2.5', () => {
    expect(sensorLevel({ reading: air() })).toBe(0)
  })
})

describe('the level of a lamp', () => {
  it('is a warning whenever it reports a fault', () => {
    for (const fault of ['lamp', 'driver', 'supply'] as const) expect(sensorLevel({ reading: lamp(fault) })).toBe(1)
  })

  it('is a warning when it is dark at night, and none without its place', () => {
    const dark = {
      ...lamp('none'),
      ts: Date.parse('2026-11-25T00:30:00+07:00'),
      values: { powerState: 'off' as const },
    }
    expect(sensorLevel({ reading: dark as Reading, meta: meta() })).toBe(1)
    expect(sensorLevel({ reading: dark as Reading })).toBe(0)
  })

  it('is normal with no fault or no word of it', () => {
    expect(sensorLevel({ reading: lamp('none') })).toBe(0)
    expect(sensorLevel({ reading: lamp() })).toBe(0)
  })
})

it('a sensor without a reading is normal', () => {
  expect(sensorLevel({})).toBe(0)
})
