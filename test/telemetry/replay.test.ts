import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reading } from '#telemetry/reading.ts'
import { coverageShares, coverageWindowMs, readingTableSchema, TablePacker, unpackReadings } from '#telemetry/replay.ts'

const from = Date.UTC(2026, 10, 20)

/** Values as lamps report them: numbers and words, any of them absent. */
const lampValues = fc.record(
  {
    activePower: fc.double({ min: 0, max: 2_000, noNaN: true }),
    powerState: fc.constantFrom('on', 'off', 'low'),
    voltage: fc.integer({ min: 0, max: 500 }),
    fault: fc.constantFrom('none', 'lamp'),
    batteryLevel: fc.constantFrom(0, 1),
  },
  { requiredKeys: ['powerState'] },
)
const lamps = fc
  .uniqueArray(fc.tuple(fc.integer({ min: -90_000, max: 1_800_000 }), fc.constantFrom('a', 'b', 'c'), lampValues), {
    selector: ([offset]) => offset,
    maxLength: 40,
  })
  .map((rows) =>
    rows
      .toSorted(([a], [b]) => a - b)
      .map(([offset, sensor, values]): Reading => {
        const given = JSON.parse(JSON.stringify(values)) // what JSON cannot tell apart, -0 from 0, is no matter here
        return { kind: 'lighting', district: 'hoa-thanh', sensor, ts: from + offset, values: given }
      }),
  )

describe('the packing of a replay', () => {
  it('gives back every reading, its absent values absent', () => {
    fc.assert(
      fc.property(lamps, (readings) => {
        const packer = new TablePacker('lighting', from)
        for (const reading of readings) packer.add(reading)
        const table = readingTableSchema.parse(JSON.parse(JSON.stringify(packer.table())))
        expect(unpackReadings({ from, readings: [table] })).toEqual(readings)
      }),
    )
  })

  it('ends before the moment it is told', () => {
    const packer = new TablePacker('lighting', from)
    for (const offset of [0, 1, 1, 2])
      packer.add({
        kind: 'lighting',
        district: 'hoa-thanh',
        sensor: 'a',
        ts: from + offset,
        values: { powerState: 'on' },
      })
    expect(packer.table(from + 1).rows).toHaveLength(1)
    expect(packer.table(from + 9).rows).toHaveLength(4)
  })

  it('puts the kinds in one order of time', () => {
    const lamp = new TablePacker('lighting', from)
    const air = new TablePacker('air-quality', from)
    const district = 'tay-ninh'
    const on = { powerState: 'on' } as const
    for (const offset of [1, 5]) lamp.add({ district, kind: 'lighting', sensor: 'l', ts: from + offset, values: on })
    for (const offset of [0, 3]) air.add({ district, kind: 'air-quality', sensor: 'a', ts: from + offset, values: {} })
    const merged = unpackReadings({ from, readings: [lamp.table(), air.table()] })
    expect(merged.map(({ sensor, ts }) => `${sensor}${ts - from}`)).toEqual(['a0', 'l1', 'a3', 'l5'])
  })
})

describe('the coverage of a day', () => {
  const at = (bucket: number) => from + bucket * coverageWindowMs
  const periods = [10, 30] // 30 and 10 readings in 5 minutes

  it('is the share of what the sensors’ periods promise, kinds together and at most all', () => {
    const counts = [
      { ts: at(0), count: 30 },
      { ts: at(0), count: 10 },
      { ts: at(1), count: 20 },
      { ts: at(3), count: 99 },
    ]
    expect(coverageShares({ from, to: at(4), counts, periods, backfills: [] })).toEqual([1, 0.5, 0, 1])
  })

  it('expects of a backfill no more than its own step gives, and of a bucket not yet over only its part', () => {
    const backfills = [{ from, to: at(1), step: 300_000 }]
    const counts = [
      { ts: at(0), count: 2 },
      { ts: at(1), count: 20 },
    ]
    expect(coverageShares({ from, to: at(1.5), counts, periods, backfills })).toEqual([1, 1])
  })

  it('is nothing where no sensor was ever heard', () => {
    expect(coverageShares({ from, to: at(2), counts: [], periods: [], backfills: [] })).toEqual([0, 0])
  })
})
