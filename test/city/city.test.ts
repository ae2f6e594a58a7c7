import { beforeAll, describe, expect, it } from 'vitest'
import { type City, loadCity } from '#city/city.ts'
import { contains, distance, offset } from '#telemetry/geometry.ts'

const boxes = {
  'tay-ninh': { west: 106.07, east: 106.191, south: 11.294, north: 11.438 },
  'hoa-thanh': { west: 106.088, east: 106.207, south: 11.21, north: 11.306 },
}

let city: City
beforeAll(async () => {
  city = await loadCity()
})

describe('the pilot city', () => {
  it('has the two pilot districts, eleven roads and five places, and the waterways of the sketch', () => {
    expect(city.districts.map(({ id }) => id)).toEqual(['tay-ninh', 'hoa-thanh'])
    expect(city.roads).toHaveLength(11)
    expect(city.places).toHaveLength(5)
    expect(city.waterways.map(({ id }) => id)).toEqual(['rach-tay-ninh', 'kenh-tay', 'kenh-hoa-thanh'])
  })

  it('gives every district, ward, road and place an id of its own', () => {
    const ids = [
      ...city.districts.flatMap(({ id, wards }) => [id, ...wards.map((ward) => ward.id)]),
      ...city.roads.map(({ id }) => id),
      ...city.places.map(({ id }) => id),
      ...city.waterways.map(({ id }) => id),
    ]
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('keeps each outline closed and within the bounding box of its district', () => {
    for (const { id, outline } of city.districts) {
      const box = boxes[id as keyof typeof boxes]
      expect(outline.at(-1)).toEqual(outline[0])
      for (const [lon, lat] of outline) {
        expect(lon).toBeGreaterThanOrEqual(box.west)
        expect(lon).toBeLessThanOrEqual(box.east)
        expect(lat).toBeGreaterThanOrEqual(box.south)
        expect(lat).toBeLessThanOrEqual(box.north)
      }
    }
  })

  it('has the centre of each district and of its wards inside its outline', () => {
    for (const { outline, centre, wards } of city.districts) {
      expect(contains(outline, centre)).toBe(true)
      for (const ward of wards) expect(contains(outline, ward.centre), ward.id).toBe(true)
    }
  })

  it('has no point in two districts', () => {
    const [first, second] = city.districts.map(({ outline }) => outline)
    let inBoth = 0
    for (let lon = 106.06; lon < 106.21; lon += 0.0013)
      for (let lat = 11.2; lat < 11.44; lat += 0.0013)
        if (contains(first ?? [], [lon, lat]) && contains(second ?? [], [lon, lat])) inBoth += 1
    expect(inBoth).toBe(0)
  })
})

describe('the geometry of the map', () => {
  it('measures a degree of latitude as 111.2 km', () => {
    expect(distance([106, 11], [106, 12])).toBeCloseTo(111_195, 0)
  })

  it('finds a point 300 m east and 400 m north at 500 m', () => {
    expect(distance([106.1, 11.3], offset([106.1, 11.3], 300, 400))).toBeCloseTo(500, 0)
  })

  it('tells inside from outside of a ring', () => {
    const square = [
      [0, 0],
      [0, 1],
      [1, 1],
      [1, 0],
      [0, 0],
    ] as const
    expect(contains(square, [0.5, 0.5])).toBe(true)
    expect(contains(square, [1.5, 0.5])).toBe(false)
  })
})
