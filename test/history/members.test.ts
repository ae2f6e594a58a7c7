import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { membersOf } from '#history/members.ts'
import type { PlacedFrom, Placements } from '#history/placements.ts'
import { groupings } from '#telemetry/history-question.ts'

const always = Number.NEGATIVE_INFINITY
const here = { kind: 'air-quality', district: 'tay-ninh' } as const
const placements = (of: Record<string, PlacedFrom[]>): Placements => new Map(Object.entries(of))
const span = { from: 1_000, to: 2_000 }
const air = { kind: 'air-quality' } as const

describe('who belongs to a group', () => {
  it('is who was there at that time: a sensor that was moved is in both wards, one after the other', () => {
    const moved = placements({
      'air-2': [{ from: always, ...here, ward: 'tan-ninh' }],
      'air-1': [
        { from: always, ...here, ward: 'tan-ninh' },
        { from: 1_500, ...here, ward: 'binh-minh' },
      ],
      'lamp-1': [{ from: always, kind: 'lighting', district: 'tay-ninh', ward: 'tan-ninh' }],
    })
    expect(membersOf(moved, { selection: air, groupBy: 'ward', span })).toEqual({
      groups: [
        { id: 'binh-minh', sensors: ['air-1'] },
        { id: 'tan-ninh', sensors: ['air-1', 'air-2'] },
      ],
      members: [
        { sensor: 'air-1', group: 1, to: 1_500 },
        { sensor: 'air-1', group: 0, from: 1_500 },
        { sensor: 'air-2', group: 1 },
      ],
    })
    // of one ward alone, each by itself
    expect(membersOf(moved, { selection: { ...air, wards: ['binh-minh'] }, groupBy: 'sensor', span })).toEqual({
      groups: [{ id: 'air-1', sensors: ['air-1'] }],
      members: [{ sensor: 'air-1', group: 0, from: 1_500 }],
    })
    // a move within what is asked for is none
    expect(membersOf(moved, { selection: air, groupBy: 'district', span }).members).toEqual([
      { sensor: 'air-1', group: 0 },
      { sensor: 'air-2', group: 0 },
    ])
    expect(membersOf(moved, { selection: air, groupBy: 'ward', span: { from: 1_600, to: 1_700 } }).members).toEqual([
      { sensor: 'air-1', group: 0 },
      { sensor: 'air-2', group: 1 },
    ])
  })

  it('goes by road and tag too, and sensors without one are a group of their own', () => {
    const some = placements({
      'air-1': [{ from: always, ...here, road: 'cmt8', tags: ['school'] }],
      'air-2': [{ from: always, ...here, tags: ['market', 'school'] }],
      'air-3': [{ from: always, ...here }],
    })
    const of = (selection: object, groupBy: 'none' | 'road') =>
      membersOf(some, { selection: { ...air, ...selection }, groupBy, span }).groups
    expect(of({}, 'road')).toEqual([
      { id: 'cmt8', sensors: ['air-1'] },
      { id: null, sensors: ['air-2', 'air-3'] },
    ])
    expect(of({ tags: ['market', 'hospital'] }, 'none')).toEqual([{ id: null, sensors: ['air-2'] }])
    expect(of({ tags: ['school'], roads: ['cmt8'] }, 'none')).toEqual([{ id: null, sensors: ['air-1'] }])
    expect(of({ sensors: ['air-3', 'air-9', 'air-3'] }, 'none')).toEqual([{ id: null, sensors: ['air-3'] }])
    expect(of({ districts: ['hoa-thanh'] }, 'none')).toEqual([])
  })

  it('at each moment each sensor is in the one group of its place of then, or in none', () => {
    const place = fc.record({
      kind: fc.constantFrom('air-quality' as const, 'lighting' as const),
      district: fc.constantFrom('d1', 'd2'),
      ward: fc.constantFrom('w1', 'w2', undefined),
    })
    const moves = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 5 })
    const placed = fc
      .tuple(place, fc.array(place, { minLength: 5, maxLength: 5 }), moves)
      .map(([first, later, times]) => [
        { from: always, ...first },
        ...times.sort((a, b) => a - b).map((from, index) => ({ from, ...first, ...later[index] })),
      ])
    const cities = fc.dictionary(fc.constantFrom('s1', 's2', 's3'), placed).map((of) => new Map(Object.entries(of)))
    const selections = fc.constantFrom({}, { districts: ['d1'] }, { wards: ['w1', 'w2'] }, { sensors: ['s1', 's3'] })
    fc.assert(
      fc.property(cities, selections, fc.constantFrom(...groupings), (city, selected: object, groupBy) => {
        const within = { from: 5, to: 25 }
        const selection: Parameters<typeof membersOf>[1]['selection'] = { ...air, ...selected }
        const { groups, members } = membersOf(city, { selection, groupBy, span: within })
        for (let ts = within.from; ts < within.to; ts += 1)
          for (const [sensor, places] of city) {
            const at = places.findLast(({ from }) => from <= ts)
            const isAsked =
              at?.kind === 'air-quality' &&
              (selection.districts?.includes(at.district) ?? true) &&
              (selection.wards?.includes(at.ward ?? '') ?? true) &&
              (selection.sensors?.includes(sensor) ?? true)
            const found = members.filter(
              ({ sensor: id, from = within.from, to = within.to }) => id === sensor && from <= ts && ts < to,
            )
            expect(found).toHaveLength(isAsked ? 1 : 0)
            const [member] = found
            if (!member || !at) continue
            const expected = groupBy === 'none' ? null : groupBy === 'sensor' ? sensor : at[groupBy as 'ward']
            expect(groups[member.group]?.id).toBe(expected ?? null)
            expect(groups[member.group]?.sensors).toContain(sensor)
          }
      }),
    )
  })
})
