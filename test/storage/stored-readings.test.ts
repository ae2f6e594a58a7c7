import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newerReading } from '#storage/newer-reading.ts'
import { isUnitedReading } from '#storage/united-reading.ts'
import { kinds } from '#telemetry/kinds.ts'
import { type NewestReading, unitedReadingSchema } from '#telemetry/reading.ts'
import { valuesOfKind } from '#telemetry/values.ts'
import { airOf, day, start } from './store-samples.ts'

describe('whether a stored row is a reading', () => {
  const names = [...new Set(kinds.flatMap((kind) => valuesOfKind[kind].map(({ name }) => name))), 'unknown']
  const anything = fc.constantFrom<unknown>(0, 0.5, 1, -1, 1e9, Number.NaN, 'on', 'lamp', '', null, undefined, 1n, [])
  const mostly = <T>(good: T, ...others: unknown[]) =>
    fc.oneof({ weight: 12, arbitrary: fc.constant(good) }, fc.constantFrom(...others))
  const row = fc.record(
    {
      kind: fc.constantFrom(...kinds, 'noise', undefined),
      district: mostly('tay-ninh', 'Tây Ninh', '', 1),
      sensor: mostly('aq-1', 'a b', null),
      ts: mostly(start, 1.5, 0, '1', 5e12, Number.POSITIVE_INFINITY),
      seq: mostly(1, -1, 0.5, null, 2 ** 60),
      aheadMs: mostly(undefined, 0, 1, 1.5),
      further: mostly(undefined, 1),
      values: fc.oneof(
        { weight: 9, arbitrary: fc.dictionary(fc.constantFrom(...names), anything, { maxKeys: 3 }) },
        fc.constantFrom(null, [], 'x'),
      ),
    },
    { requiredKeys: ['kind', 'district', 'sensor', 'ts', 'values'] },
  )

  it('is told as the schema tells it, where it is told at all', () => {
    fc.assert(
      fc.property(row, (given) => {
        if (!isUnitedReading(given)) return
        expect(unitedReadingSchema.parse(given)).toEqual(given)
      }),
      { numRuns: 2_000 },
    )
    expect(isUnitedReading({ ...airOf('aq-1', start, { pm25: 1 }), seq: 4, aheadMs: 5 })).toBe(true)
  })
})

describe('what is newest in two sets of readings of one sensor', () => {
  it('is the newest of all of them, in whatever parts they are put together', () => {
    const values = fc.constantFrom({ pm25: 1 }, { pm25: 2, no2: 2 }, { no2: 3 }, { temperature: 4 })
    const hours = fc.uniqueArray(fc.nat({ max: 40 }), { minLength: 2, maxLength: 8 })
    fc.assert(
      fc.property(hours, fc.array(values, { minLength: 8, maxLength: 8 }), fc.nat(), (at, held, cut) => {
        const readings = at.map((hour, n) => airOf('aq-1', start + hour * 3_600_000, held[n] ?? {}))
        const inParts = [readings.slice(0, cut % at.length), readings.slice(cut % at.length)]
        const newest = inParts
          .map((part) => part.reduce<NewestReading | undefined>(newerReading, undefined))
          .reduce((one, other) => (other ? newerReading(one, other) : one))
        const all = readings.toSorted((a, b) => b.ts - a.ts)
        const last = all[0]?.ts ?? 0
        const expected: Record<string, [number, number]> = {}
        for (const { ts, values } of all)
          for (const [name, value = 0] of Object.entries(values)) if (last - ts < day) expected[name] ??= [value, ts]
        const found = Object.entries(newest?.values ?? {}).map(([name, value]) => [
          name,
          [value, newest?.valueTimes?.[name] ?? newest?.ts],
        ])
        expect(newest?.ts).toBe(last)
        expect(Object.fromEntries(found)).toEqual(expected)
      }),
    )
  })
})
