import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatStates, parseStates, type ValueStates, valueStatesSchema } from '#telemetry/device-state.ts'
import { liveReadingSchema } from '#telemetry/live.ts'
import { type Newest, partsOf, unite } from '#telemetry/newest.ts'
import { hourQuality } from '#telemetry/quality.ts'
import { type NewestReading, type Reading, valuesOf } from '#telemetry/reading.ts'
import { readingTableSchema, TablePacker, unpackTable } from '#telemetry/replay.ts'
import { findingOf } from '#telemetry/severity.ts'

const start = Date.UTC(2026, 10, 20)
const minute = 60_000
const names = ['pm25', 'pm10', 'no2'] as const
const states = fc.dictionary(fc.constantFrom(...names), fc.constantFrom('calibrating', 'error', 'maintenance'), {
  maxKeys: 3,
}) as fc.Arbitrary<ValueStates>

const air = (ts: number, values: Record<string, number>, said: ValueStates = {}): Reading => {
  const own = Object.fromEntries(Object.entries(said).filter(([name]) => name in values))
  const some = Object.keys(own).length > 0 ? { states: own } : {}
  return { kind: 'air-quality', district: 'tay-ninh', sensor: 'aq-1', ts, ...some, values } as Reading // values of the kind
}

const readings = fc.array(
  fc
    .record({
      at: fc.nat({ max: 5 }),
      values: fc.dictionary(fc.constantFrom(...names), fc.nat({ max: 40 }), { minKeys: 1, maxKeys: 3 }),
      states,
    })
    .map(({ at, values, states: said }) => air(start + at * minute, values, said)),
  { minLength: 1, maxLength: 12 },
)

describe('states of values', () => {
  it('are one text, whatever their order, and come back from it', () => {
    fc.assert(
      fc.property(states, (given) => {
        const text = formatStates(given)
        expect(text).toBe(formatStates(Object.fromEntries(Object.entries(given).reverse())))
        expect(valueStatesSchema.parse(parseStates(text) ?? {})).toEqual(given)
      }),
    )
    expect(formatStates({ pm25: 'calibrating', no2: 'error' })).toBe('no2:error,pm25:calibrating')
    expect(formatStates({ pm10: 'error', pm1: 'error' })).toBe('pm1:error,pm10:error')
    expect([formatStates({}), formatStates(undefined), parseStates(''), parseStates(null)]).toEqual(
      Array(4).fill(undefined),
    )
  })

  it('go with the newest of each value, and stay with it in its parts', () => {
    fc.assert(
      fc.property(readings, (given) => {
        const held = given.reduce<Newest>((newest, reading, at) => {
          const came = { reading, arrivedAt: start + 10 * minute + at }
          return unite(newest, came) ?? newest
        }, {})
        const newest = new Map<string, { ts: number; state: string | undefined }>()
        for (const { ts, values, states: said } of given)
          for (const name of Object.keys(values))
            if (ts >= (newest.get(name)?.ts ?? 0)) newest.set(name, { ts, state: said?.[name] })
        const expected = Object.fromEntries([...newest].flatMap(([name, { state }]) => (state ? [[name, state]] : [])))
        expect(held.reading?.states ?? {}).toEqual(expected)
        if (!held.reading) return
        const times = Object.fromEntries(Object.entries(held.valueTimes ?? {}).map(([name, { ts }]) => [name, ts]))
        const parts = partsOf({ ...held.reading, valueTimes: times } as NewestReading) // of the same kind
        expect(Object.assign({}, ...parts.map((part) => part.states))).toEqual(expected)
        for (const part of parts)
          for (const name of Object.keys(part.states ?? {})) expect(Object.keys(valuesOf(part))).toContain(name)
      }),
    )
  })

  it('are replayed, and cut with the readings', () => {
    fc.assert(
      fc.property(readings, fc.integer({ min: 0, max: 6 }), (given, minutes) => {
        const inOrder = given.toSorted((a, b) => a.ts - b.ts)
        const packer = new TablePacker('air-quality', start)
        for (const reading of inOrder) packer.add(reading)
        const to = start + minutes * minute
        const sent = (table: unknown) => [
          ...unpackTable(readingTableSchema.parse(JSON.parse(JSON.stringify(table))), start),
        ]
        expect(sent(packer.table())).toEqual(inOrder)
        expect(sent(packer.table(to))).toEqual(inOrder.filter(({ ts }) => ts < to))
      }),
    )
  })

  it('of which one is not known take only their reading from a live batch', () => {
    const reading = air(start, { pm25: 1 })
    expect(liveReadingSchema.safeParse({ reading, arrivedAt: start }).success).toBe(true)
    expect(
      liveReadingSchema.safeParse({ reading: { ...reading, states: { pm25: 'dreaming' } }, arrivedAt: start }).success,
    ).toBe(false)
  })

  it('keep a value out of what the map finds, and of the quality of data', () => {
    const bad: Reading = {
      kind: 'lighting',
      district: 'tay-ninh',
      sensor: 'lamp-1',
      ts: start,
      values: { fault: 'driver' },
    }
    const findingWith = (reading: Reading) => findingOf({ reading, arrivedAt: start }, start + 1)
    expect(findingWith(bad)).toBeDefined()
    expect(findingWith({ ...bad, states: { fault: 'maintenance' } })).toBeUndefined()
    const hour = { from: start, to: start + 4 * minute, period: 60, refused: 0 }
    const good = [0, 1, 2, 3].map((at) => air(start + at * minute, { pm25: 5, pm10: 50 }))
    const wrong = good.map((reading, at) =>
      at < 2 ? reading : air(reading.ts, { pm25: 50, pm10: 5 }, { pm25: 'error', pm10: 'error' }),
    )
    expect(hourQuality({ ...hour, readings: good })).toMatchObject({ complete: 1, clean: 1, live: 1 })
    expect(hourQuality({ ...hour, readings: wrong })).toMatchObject({ complete: 0.5, clean: 1, live: 1 })
  })
})
