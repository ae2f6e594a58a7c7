import { describe, expect, it } from 'vitest'
import { hourMs } from '#telemetry/durations.ts'
import { kindOf } from '#telemetry/kinds.ts'
import { type HourInput, hourQuality } from '#telemetry/quality.ts'
import type { Reading } from '#telemetry/reading.ts'

const from = Date.UTC(2026, 10, 20, 5)
const minute = 60_000
const base = { district: 'tay-ninh', sensor: 's', ts: from } as const
const lamp = (ts: number): Reading => ({ ...base, ts, kind: 'lighting', values: { powerState: 'on', activePower: 80 } })
/** A reading a minute. */
const every = (...minutes: number[]) => minutes.map((at) => lamp(from + at * minute))
const allHour = every(...Array.from({ length: 60 }, (_, i) => i))
const hour = (given: Partial<HourInput>) =>
  hourQuality({
    from,
    to: from + hourMs,
    period: 60,
    readings: allHour,
    refused: 0,
    meta: { nominalPower: 100 },
    ...given,
  })

describe('the quality of an hour', () => {
  it('is full when every reading came, validated, is plausible and followed the last in time', () => {
    expect(hour({})).toEqual({ from, to: from + hourMs, correct: 1, complete: 1, clean: 1, live: 1, score: 1 })
  })

  it('is complete as far as the period’s readings are there, and never more than full', () => {
    expect(hour({ readings: allHour.slice(0, 45) }).complete).toBe(0.75)
    expect(hour({ period: 120 }).complete).toBe(1)
    // half an hour has passed: 30 readings are all
    expect(hour({ to: from + hourMs / 2, readings: allHour.slice(0, 30) }).complete).toBe(1)
  })

  it('is correct as far as messages validated', () => {
    expect(hour({ refused: 20 }).correct).toBe(0.75)
    expect(hour({ readings: [], refused: 3 })).toMatchObject({ correct: 0, score: 0 })
  })

  it('is live as long as the newest reading is not older than three periods, whatever the hour began with', () => {
    // three minutes after the last one it is over: 20 + 2 of 60
    expect(hour({ readings: allHour.slice(0, 20) }).live).toBeCloseTo(22 / 60, 3)
    // a gap of ten minutes costs seven
    expect(
      hour({ readings: every(0, 2, 4, 14, 16, ...Array.from({ length: 43 }, (_, i) => 17 + i)) }).live,
    ).toBeCloseTo(53 / 60, 3)
    expect(hour({ readings: [], before: from - minute }).live).toBeCloseTo(2 / 60, 3)
    expect(hour({ readings: [], before: from - hourMs }).live).toBe(0)
  })

  it('is clean as far as readings are plausible', () => {
    expect(hour({ meta: { nominalPower: 50 } })).toMatchObject({ clean: 0, score: 0 })
    expect(hour({ meta: undefined }).clean).toBe(1)
  })

  it('says nothing of what nobody can know, and has the least of its parts as score', () => {
    const silent = hour({ readings: [] })
    expect(silent).toEqual({ from, to: from + hourMs, complete: 0, live: 0, score: 0 })
    expect(hour({ refused: 60 }).score).toBe(0.5)
  })
})

const isPlausible = ({ kind, values }: Reading) => kindOf(kind).isPlausible(values, undefined)

describe('a reading', () => {
  it('of a road is plausible when something drove at a speed that can be driven', () => {
    const road = (intensity: number, averageVehicleSpeed?: number): Reading => ({
      ...base,
      kind: 'traffic',
      values: { intensity, ...(averageVehicleSpeed === undefined ? {} : { averageVehicleSpeed }) },
    })
    expect([road(0), road(5, 40), road(5), road(0, 40), road(5, 190)].map((reading) => isPlausible(reading))).toEqual([
      true,
      true,
      true,
      false,
      false,
    ])
  })

  it('of the air is plausible when PM2.5 is a part of PM10', () => {
    const air = (values: { pm25?: number; pm10?: number }): Reading => ({ ...base, kind: 'air-quality', values })
    expect(
      [air({ pm25: 20, pm10: 30 }), air({ pm25: 20 }), air({ pm25: 40, pm10: 30 })].map((r) => isPlausible(r)),
    ).toEqual([true, true, false])
  })
})
