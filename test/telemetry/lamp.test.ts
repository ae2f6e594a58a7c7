import { describe, expect, it } from 'vitest'
import type { LightingValues } from '#telemetry/kinds/lighting/kind.ts'
import { judgeLamp, powerShare, sunAltitude } from '#telemetry/kinds/lighting/lamp.ts'
import type { SensorMeta } from '#telemetry/sensor.ts'

const position: [number, number] = [106.13, 11.3]
const meta: SensorMeta = { name: { vi: 'Đèn', en: 'Lamp' }, position, period: 10, nominalPower: 100 }
// Tây Ninh, local time is UTC+7
const at = (local: string) => Date.parse(`2026-11-25T${local}:00+07:00`)
const midnight = at('00:30')
const noon = at('12:00')
/** just after sunset */
const dusk = at('17:40')
const lamp = (activePower: number, illuminanceLevel = 1): LightingValues => ({
  powerState: 'on',
  activePower,
  illuminanceLevel,
})

it('the sun stands high over Tây Ninh at noon and deep below at midnight, and is near the horizon at 17:35', () => {
  expect(sunAltitude(position, noon)).toBeCloseTo(57.5, 0)
  expect(sunAltitude(position, midnight)).toBeLessThan(-70)
  expect(Math.abs(sunAltitude(position, at('17:35')))).toBeLessThan(2)
})

describe('a lamp', () => {
  it('that is dark at night has failed, even when it calls itself on', () => {
    expect(judgeLamp(lamp(1.5), meta, midnight)).toBe('lampFailure')
    expect(judgeLamp({ powerState: 'off' }, meta, midnight)).toBe('lampFailure')
  })

  it('that burns by day is on unexpectedly', () => {
    expect(judgeLamp(lamp(100), meta, noon)).toBe('lampUnexpectedOn')
    expect(judgeLamp({ powerState: 'low' }, meta, noon)).toBe('lampUnexpectedOn')
  })

  it('may be on or off in twilight', () => {
    expect(judgeLamp(lamp(0), meta, dusk)).toBeUndefined()
    expect(judgeLamp(lamp(100), meta, dusk)).toBeUndefined()
  })

  it('is well when it burns by night as planned and is dark by day', () => {
    expect(judgeLamp(lamp(98), meta, midnight)).toBeUndefined()
    expect(judgeLamp({ powerState: 'off', activePower: 0, illuminanceLevel: 0 }, meta, noon)).toBeUndefined()
  })

  it.each([
    [121, 1, 'lampPowerTooHigh'],
    [120, 1, undefined],
    [80, 1, undefined],
    [79, 1, 'lampPowerTooLow'],
    [61, 0.5, 'lampPowerTooHigh'],
    [50, 0.5, undefined],
    [39, 0.5, 'lampPowerTooLow'],
  ])('of 100 W that takes %i W at level %f is %s', (power, level, finding) => {
    expect(judgeLamp(lamp(power, level), meta, midnight)).toBe(finding)
  })

  it('is not judged by what is not known', () => {
    expect(judgeLamp(lamp(0), undefined, midnight)).toBeUndefined()
    const { nominalPower: _, ...unrated } = meta
    expect(judgeLamp(lamp(500), unrated, midnight)).toBeUndefined()
    expect(judgeLamp({ powerState: 'on', activePower: 500 }, meta, midnight)).toBeUndefined()
    expect(judgeLamp(lamp(0), unrated, midnight)).toBe('lampFailure')
  })

  it('has a share of the planned power', () => {
    expect(powerShare(lamp(60, 0.5), meta)).toBe(1.2)
    expect(powerShare(lamp(60, 0), meta)).toBeUndefined()
    expect(powerShare({ powerState: 'on' }, meta)).toBeUndefined()
  })
})
