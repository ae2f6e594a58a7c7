import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distance } from '#telemetry/geometry.ts'
import type { Position } from '#telemetry/position.ts'
import { cutRoad } from '../../dashboard/src/map/road-pieces.ts'

// 0.01° are about 1,090 m here
const road: Position[] = [
  [106.1, 11.3],
  [106.12, 11.3],
  [106.12, 11.31],
]
const counter = (id: string, lon: number, lat = 11.3) => ({ id, position: [lon, lat] as const })
const lengthOf = (line: readonly Position[]) =>
  line.slice(1).reduce((sum, point, at) => sum + distance(line[at] ?? point, point), 0)

describe('a road', () => {
  it('without counters has no pieces', () => {
    expect(cutRoad('r', road, [])).toEqual([])
  })

  it('is cut half-way between its counters, and not beyond what they reach', () => {
    const [first, second] = cutRoad('r', road, [counter('east', 106.112), counter('west', 106.102)])
    expect([first?.counters, second?.counters]).toEqual([['west'], ['east']])
    expect(first?.line[0]).toEqual([106.1, 11.3])
    expect(first?.line.at(-1)?.[0]).toBeCloseTo(106.107, 6)
    expect(second?.line[0]?.[0]).toBeCloseTo(106.107, 6)
    // 750 m to the east
    expect(lengthOf(second?.line ?? [])).toBeCloseTo(545 + 750, -1)
  })

  it('follows its corners', () => {
    const [piece] = cutRoad('r', road, [counter('a', 106.12, 11.3005)])
    expect(piece?.line).toContainEqual([106.12, 11.3])
  })

  it('gives counters that stand close together one piece', () => {
    const pieces = cutRoad('r', road, [counter('a', 106.105), counter('b', 106.1055), counter('c', 106.115)])
    expect(pieces.map(({ id, counters }) => [id, counters])).toEqual([
      ['r/a', ['a', 'b']],
      ['r/c', ['c']],
    ])
  })

  it('is never covered twice, and each counter has one piece', () => {
    const place = fc.double({ min: 106.095, max: 106.125, noNaN: true })
    fc.assert(
      fc.property(fc.array(place, { maxLength: 30 }), (places) => {
        const pieces = cutRoad(
          'r',
          road,
          places.map((lon, at) => counter(`c${at}`, lon)),
        )
        expect(pieces.flatMap(({ counters }) => counters).sort()).toEqual(places.map((_, at) => `c${at}`).sort())
        expect(pieces.reduce((sum, { line }) => sum + lengthOf(line), 0)).toBeLessThanOrEqual(lengthOf(road) * 1.001)
      }),
    )
  })
})
