import { describe, expect, it } from 'vitest'
import { BaseMapRoads } from '../../dashboard/src/map/base-map-roads.ts'
import { roadSourceOf } from '../../dashboard/src/map/road-source-of.ts'

const base = (schematic: boolean) => ({
  type: 'FeatureCollection' as const,
  schematic,
  features: [
    {
      type: 'Feature' as const,
      properties: { kind: 'road', id: 'r-1' },
      geometry: { type: 'LineString' as const, coordinates: [[106.1, 11.3] as number[], [106.2, 11.3] as number[]] },
    },
  ],
})
const baseMap = Promise.resolve()
const styleUrl = 'https://example.org/style.json'
const counter = {
  ...{ id: 'c-1', kind: 'traffic' as const },
  meta: { name: { vi: 'c', en: 'c' }, position: [106.15, 11.3] as [number, number], period: 60, road: 'r-1' },
}

describe('the roads that counters colour', () => {
  it.each([
    ['the installation’s own, on the base map', false, { baseMap }, 'own'],
    ['the installation’s own, on its own style', false, { styleUrl }, 'own'],
    ['the installation’s own, where there is no other map', false, {}, 'own'],
    ['those of the base map, where the city’s are a sketch', true, { baseMap }, 'base map'],
    ['the sketch, where that is drawn', true, {}, 'own'],
    ['none, where a sketch would lie beside the roads of a style', true, { styleUrl }, 'none'],
  ] as const)('are %s', (_words, schematic, drawn, expected) => {
    const ground = { styleUrl: undefined, baseMap: undefined, ...drawn }
    const source = roadSourceOf({ base: base(schematic), ...ground }, () => {})
    const kind = source instanceof BaseMapRoads ? 'base map' : source ? 'own' : 'none'
    expect(kind).toBe(expected)
    if (kind !== 'own') return
    expect(source?.roadsOf([counter])).toEqual([
      {
        ...{
          id: 'r-1',
          line: [
            [106.1, 11.3],
            [106.2, 11.3],
          ],
        },
        counters: [{ id: 'c-1', position: [106.15, 11.3] }],
      },
    ])
  })
})
