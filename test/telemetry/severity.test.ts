import { describe, expect, it } from 'vitest'
import type { Reading } from '#telemetry/reading.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'
import { findingOf, severityOf } from '#telemetry/severity.ts'

const causeOf = (state: Parameters<typeof findingOf>[0]) => findingOf(state, state.reading?.ts ?? 0)?.cause
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

describe('the finding at a traffic sensor', () => {
  it.each([
    [50, undefined],
    [40.1, undefined],
    [40, 'slow'],
    [25.1, 'slow'],
    [25, 'slow'],
    [24.9, 'jammed'],
    [0, 'jammed'],
  ])('at %f km/h of 50 km/h free flow is %s', (speed, cause) => {
    expect(causeOf({ reading: traffic(speed), meta: meta(50) })).toBe(cause)
  })

  it('is normal when nothing passed or the free-flow speed is not known', () => {
    expect(causeOf({ reading: traffic(), meta: meta(50) })).toBeUndefined()
    expect(causeOf({ reading: traffic(5), meta: meta() })).toBeUndefined()
    expect(causeOf({ reading: traffic(5) })).toBeUndefined()
  })
})

describe('the finding at an air-quality station', () => {
  it.each([
    [50, undefined],
    [50.1, 'pm25'],
    [150.1, 'pm25'],
  ])('at %f µg/m³ PM2.5 is %s', (pm25, cause) => {
    expect(causeOf({ reading: air(pm25) })).toBe(cause)
  })

  it('is normal without PM2.5', () => {
    expect(causeOf({ reading: air() })).toBeUndefined()
  })
})

describe('the finding at a lamp', () => {
  it('is told whenever it reports a fault', () => {
    for (const fault of ['lamp', 'driver', 'supply'] as const) expect(causeOf({ reading: lamp(fault) })).toBe('fault')
  })

  it('is told when it is dark at night, and not without its place', () => {
    const dark = {
      ...lamp('none'),
      ts: Date.parse('2026-11-25T00:30:00+07:00'),
      values: { powerState: 'off' as const },
    }
    expect(causeOf({ reading: dark as Reading, meta: meta() })).toBe('lampFailure')
    expect(causeOf({ reading: dark as Reading })).toBeUndefined()
  })

  it('is normal with no fault or no word of it', () => {
    expect(causeOf({ reading: lamp('none') })).toBeUndefined()
    expect(causeOf({ reading: lamp() })).toBeUndefined()
  })
})

it('a sensor without a reading is normal', () => {
  expect(causeOf({})).toBeUndefined()
})

describe('the severity of a sensor', () => {
  it('is that of the gravest alert about it, a notice by a finding alone, and none otherwise', () => {
    expect(severityOf({ cause: 'jammed' }, 2)).toBe(2)
    expect(severityOf(undefined, 1)).toBe(1)
    expect(severityOf({ cause: 'jammed' }, undefined)).toBe(3)
    expect(severityOf(undefined, undefined)).toBeUndefined()
  })
})
