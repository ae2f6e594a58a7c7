import { describe, expect, it } from 'vitest'
import type { LightingValues } from '#telemetry/kinds/lighting/kind.ts'
import { isFollowingLevel, judgeLamp, powerShare, sunAltitude } from '#telemetry/kinds/lighting/lamp.ts'
import { contradictsOrder, type LampOverride } from '#telemetry/lamp-override.ts'
import { readingSchema } from '#telemetry/reading.ts'
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

describe('a lamp that was ordered a share of full light', () => {
  const known = { position, nominalPower: 100 }
  it.each([
    ['burns as ordered', { activePower: 98, powerState: 'on', illuminanceLevel: 1 }, known, 1, true],
    ['is dimmed as ordered', { activePower: 41, powerState: 'low', illuminanceLevel: 0.4 }, known, 0.4, true],
    ['is off as ordered, with what its electronics take', { activePower: 1.5, powerState: 'off' }, known, 0, true],
    ['is off as ordered and still names a level', { activePower: 0, illuminanceLevel: 1 }, known, 0, true],
    ['burns though it was ordered off', { activePower: 98, powerState: 'on', illuminanceLevel: 1 }, known, 0, false],
    ['is dark though it was ordered on', { activePower: 0, powerState: 'off', illuminanceLevel: 0 }, known, 1, false],
    ['is dark though it calls itself on', { activePower: 0, powerState: 'on', illuminanceLevel: 1 }, known, 1, false],
    ['is back at full light though it was dimmed', { activePower: 98, illuminanceLevel: 1 }, known, 0.4, false],
    [
      'is dimmed so far that it takes no more than its electronics',
      { activePower: 3, illuminanceLevel: 0.02 },
      known,
      0.02,
      true,
    ],
    ['takes some power, of a nominal power that nobody knows', { activePower: 1.5 }, undefined, 0, undefined],
    ['says only its state, which is as ordered', { powerState: 'off' }, undefined, 0, true],
    ['says nothing of its light', {}, known, 1, undefined],
  ] as const)('%s', (_what, values, meta, level, expected) => {
    expect(isFollowingLevel(values, meta, level)).toBe(expected)
  })

  it('has three of its periods to begin, and is judged by readings of its own kind alone', () => {
    const since = noon
    const order = { action: 'on', until: since + 3_600_000 } as const
    const override: LampOverride = {
      ...{ sensor: 'l1', district: 'tay-ninh', kind: 'lighting', command: 'c', order, by: 'An', since },
    }
    const slow = { ...meta, period: 60 }
    const dark = (afterMs: number) =>
      readingSchema.parse({
        ...{ kind: 'lighting', district: 'tay-ninh', sensor: 'l1', ts: since + afterMs },
        values: { powerState: 'off' },
      })
    expect(contradictsOrder(override, { meta: slow, reading: dark(180_000) })).toBe(false)
    expect(contradictsOrder(override, { meta: slow, reading: dark(180_001) })).toBe(true)
    expect(contradictsOrder({ ...override, order: { action: 'off' } }, { meta: slow, reading: dark(180_001) })).toBe(
      false,
    )
    expect(contradictsOrder(override, { meta: slow })).toBe(false)
  })
})
