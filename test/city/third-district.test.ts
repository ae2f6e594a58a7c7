import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type City, loadCity } from '#city/city.ts'
import { placeSensors } from '#simulators/placement.ts'
import { contains, distanceToLine } from '#telemetry/geometry.ts'
import { ownDistrict, ownRoads, writeOwnCity } from './own-city.ts'

describe('a third district, by data alone', () => {
  let folder: string
  let city: City
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-third-'))
    await writeOwnCity(folder)
    city = await loadCity(folder)
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('has its outline and wards, and former units only if the file says so', () => {
    const third = city.districts[2]
    expect(third).toMatchObject({ id: ownDistrict, formerUnits: [] })
    expect(third?.wards.map(({ id }) => id)).toEqual(['chau-thanh-commune', 'hao-duoc'])
    for (const ward of third?.wards ?? []) expect(contains(third?.outline ?? [], ward.centre)).toBe(true)
  })

  it('has its share of the simulated sensors, inside its outline, its lamps along its roads', () => {
    const sensors = placeSensors(city, 300, 1).filter(({ district }) => district === ownDistrict)
    expect(sensors).toHaveLength(100)
    const { outline = [], wards = [] } = city.districts[2] ?? {}
    for (const { meta } of sensors) {
      expect(contains(outline, meta.position)).toBe(true)
      expect(wards.map(({ id }) => id)).toContain(meta.ward)
    }
    const lamps = sensors.filter(({ kind }) => kind === 'lighting')
    expect(lamps.length).toBeGreaterThan(20)
    const roadOf = new Map(city.roads.map((road) => [road.id, road]))
    for (const { id, meta } of lamps)
      expect(distanceToLine(roadOf.get(meta.road ?? '')?.line ?? [], meta.position), id).toBeLessThan(50)
    const used = new Set(lamps.map(({ meta }) => meta.road))
    for (const { properties } of ownRoads) expect(used).toContain(properties.id)
  })
})
