import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadCity, shippedCity } from '#city/city.ts'
import { ConfigError } from '#telemetry/errors.ts'

/** Data of a city as far as it is changed here. */
interface Data {
  [key: string]: unknown
  features: { properties: Record<string, unknown>; geometry: { type: string; coordinates: unknown } }[]
}
type District = { id: string; centre: number[]; wards: { id: string; centre: number[] }[]; [key: string]: unknown }

describe('the folder of a city’s data', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-city-'))
    await cp(shippedCity, folder, { recursive: true })
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const change = async <Content>(file: string, alter: (content: Content) => void) => {
    const content = JSON.parse(await readFile(join(folder, file), 'utf8'))
    alter(content)
    await writeFile(join(folder, file), JSON.stringify(content))
  }
  const changeDistricts = (alter: (districts: District[]) => void) => change<District[]>('districts.json', alter)
  /** What is said of the folder, a line a fault. */
  const said = async (from = folder) => {
    const error = await loadCity(from).catch((fault) => fault)
    expect(error).toBeInstanceOf(ConfigError)
    const [head, ...lines] = (error as ConfigError).message.split('\n  ')
    expect(head).toContain(`CITY_DIR is "${from}"`)
    expect(head).toContain('docs/adding-a-district.md')
    return lines.length > 0 ? lines : [head]
  }

  it('is read like the one that ships', async () => {
    expect(await loadCity(folder)).toEqual(await loadCity())
  })

  it('may lack roads, waterways and places, but neither districts nor outlines', async () => {
    for (const file of ['roads', 'waterways', 'places']) await rm(join(folder, `${file}.geojson`))
    expect(await loadCity(folder)).toMatchObject({ roads: [], areRoadsSchematic: true, waterways: [], places: [] })
    await rm(join(folder, 'outlines.geojson'))
    expect(await said()).toEqual(['outlines.geojson: is missing, and must be there'])
  })

  it('that is not there is named', async () => {
    expect((await said(join(folder, 'no-such')))[0]).toContain('this folder cannot be read (ENOENT')
  })

  it('may hold nothing that looks like data and is not read, such as a mistyped name', async () => {
    await cp(join(folder, 'roads.geojson'), join(folder, 'road.geojson'))
    await writeFile(join(folder, 'LICENSE.txt'), 'ODbL')
    expect(await said()).toEqual([
      expect.stringMatching(/^road\.geojson: is no file of a city: rename it, .*roads\.geojson/),
    ])
  })

  it('tells the line in which a file is no JSON', async () => {
    await writeFile(join(folder, 'roads.geojson'), '{\n"type": "FeatureCollection",\n"features": []\n"x": 1}')
    expect((await said())[0]).toMatch(/^roads\.geojson: is not JSON in line 4 \(/)
  })

  it('says of its roads whether they are a sketch', async () => {
    expect((await loadCity(folder)).areRoadsSchematic).toBe(true)
    await change<{ schematic?: unknown }>('roads.geojson', (content) => {
      content.schematic = undefined
    })
    expect((await loadCity(folder)).areRoadsSchematic).toBe(false)
    await change<{ schematic?: unknown }>('roads.geojson', (content) => {
      content.schematic = 'yes'
    })
    expect((await said())[0]).toMatch(/^roads\.geojson, schematic: is "yes", /)
  })

  it('takes heights, a byte order mark, properties of other tools and a road with one name', async () => {
    await change<Data>('roads.geojson', ({ features }) => {
      const [first, second] = features
      if (!first || !second) throw new Error('there are roads')
      first.geometry.coordinates = (first.geometry.coordinates as number[][]).map((position) => [...position, 12.5])
      Object.assign(first.properties, { osm_id: 1, surface: null })
      second.properties.name_en = null
    })
    const path = join(folder, 'roads.geojson')
    await writeFile(path, `\uFEFF${await readFile(path, 'utf8')}`)
    const [roads, shipped] = [(await loadCity(folder)).roads, (await loadCity()).roads]
    expect(roads[0]).toEqual(shipped[0])
    expect(roads[1]?.name).toEqual({ vi: shipped[1]?.name.vi, en: shipped[1]?.name.vi })
  })

  const [, second] = ['', 'feature 2 ("cmt8")']
  it.for<[string, (feature: Data['features'][number]) => void, string]>([
    [
      'class',
      ({ properties }) => Object.assign(properties, { class: 'motorway' }),
      `${second}, properties.class: is "motorway", must be one of trunk, primary, secondary`,
    ],
    ['no name', ({ properties }) => delete properties.name, `${second}, properties.name: is missing`],
    [
      'id',
      ({ properties }) => Object.assign(properties, { id: 'Đường 1' }),
      'feature 2 ("Đường 1"), properties.id: must be 1 to 64 lower-case letters, digits or inner hyphens',
    ],
    [
      'latitude first',
      ({ geometry }) =>
        Object.assign(geometry, {
          coordinates: [
            [11.3, 106.1],
            [106.1, 11.3],
          ],
        }),
      `${second}, geometry.coordinates[0]: must be the longitude and then the latitude, in degrees of WGS 84 (EPSG:4326)`,
    ],
    [
      'a point',
      ({ geometry }) => Object.assign(geometry, { coordinates: [[106.1, 11.3]] }),
      `${second}, geometry.coordinates: must be at least 2 items`,
    ],
    [
      'parts',
      ({ geometry }) => Object.assign(geometry, { type: 'MultiLineString' }),
      `${second}, geometry.type: is "MultiLineString", must be LineString: split a MultiLineString into features of one part each (QGIS: Multipart to Singleparts)`,
    ],
    [
      'the id of another',
      ({ properties }) => Object.assign(properties, { id: 'ql22b' }),
      'feature 2 ("ql22b"): has the id "ql22b", as has roads.geojson, feature 1 ("ql22b"): give it one of its own',
    ],
  ])('names the file, the feature, the place in it and what it must be: %s', async ([, alter, words]) => {
    await change<Data>('roads.geojson', ({ features }) => {
      if (features[1]) alter(features[1])
    })
    expect(await said()).toContain(`roads.geojson, ${words}`)
  })

  it.for<[string, (district: District) => void, string]>([
    ['no names', (district) => delete district.name, 'district 2 ("hoa-thanh"), name: is missing'],
    [
      'a centre elsewhere',
      (district) => Object.assign(district, { centre: [106, 11] }),
      'district 2 ("hoa-thanh"), centre: lies outside the outline of the district (longitude comes first): move it inside',
    ],
    [
      'a ward elsewhere',
      ({ wards }) => Object.assign(wards[0] ?? {}, { centre: [106, 11] }),
      'district 2 ("hoa-thanh"), wards[0] ("long-hoa"), centre: lies outside the outline of the district (longitude comes first): move it inside',
    ],
    [
      'a ward of both',
      ({ wards }) => Object.assign(wards[0] ?? {}, { id: 'tan-ninh' }),
      'district 2 ("hoa-thanh"), wards[0]: has the id "tan-ninh", as has districts.json, district 1 ("tay-ninh"), wards[0]: give it one of its own',
    ],
  ])('names the district: %s', async ([, alter, words]) => {
    await changeDistricts((districts) => {
      if (districts[1]) alter(districts[1])
    })
    expect(await said()).toContain(`districts.json, ${words}`)
  })

  it('has for each district one outline, closed and without holes', async () => {
    await change<Data>('outlines.geojson', ({ features }) => {
      const [first] = features
      if (!first) throw new Error('there are outlines')
      const [ring = []] = first.geometry.coordinates as number[][][]
      const unclosed = { ...first, geometry: { ...first.geometry, coordinates: [ring.slice(1)] } }
      const holed = { ...first, geometry: { ...first.geometry, coordinates: [ring, ring] } }
      features.splice(1, 1, unclosed, holed)
    })
    expect(await said()).toEqual([
      'outlines.geojson, feature 2 ("tay-ninh"), geometry.coordinates[0]: is not closed: its last position must be its first again',
      'outlines.geojson, feature 3 ("tay-ninh"), geometry.coordinates: must be one ring: a district has one outline without holes',
    ])
    await cp(shippedCity, folder, { recursive: true })
    await change<Data>('outlines.geojson', ({ features }) => {
      const [first, last] = features
      if (first && last) features.splice(1, 1, first, { ...last, properties: { id: 'elsewhere' } })
    })
    expect(await said()).toEqual([
      'outlines.geojson: has no feature for the district "hoa-thanh" of districts.json: add a Polygon with "id": "hoa-thanh"',
      'outlines.geojson, feature 2 ("tay-ninh"): is a second outline of this district, after feature 1: keep one',
      'outlines.geojson, feature 3 ("elsewhere"): is no district of districts.json, which has tay-ninh, hoa-thanh',
    ])
  })

  it('tells ten faults of many', async () => {
    await change<Data>('roads.geojson', ({ features }) => {
      for (const { properties } of features) delete properties.class
      for (const { properties } of features) delete properties.name
    })
    const lines = await said()
    expect(lines).toHaveLength(11)
    expect(lines.at(-1)).toBe('and 12 more')
  })
})
