import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { shippedCity } from '#city/city.ts'

/** A third district, west of the two that ship, with its wards. */
const district = {
  id: 'chau-thanh',
  name: { vi: 'Huyện Châu Thành (cũ)', en: 'Châu Thành district (former)' },
  centre: [106.02, 11.31],
  wards: [
    { id: 'chau-thanh-commune', name: { vi: 'Xã Châu Thành', en: 'Châu Thành commune' }, centre: [106.02, 11.33] },
    { id: 'hao-duoc', name: { vi: 'Xã Hảo Đước', en: 'Hảo Đước commune' }, centre: [106.0, 11.29] },
  ],
}

const outline = {
  type: 'Feature',
  properties: { id: district.id },
  geometry: {
    type: 'Polygon',
    coordinates: [
      [
        [105.96, 11.25],
        [106.06, 11.25],
        [106.06, 11.37],
        [105.96, 11.37],
        [105.96, 11.25],
      ],
    ],
  },
}

const roadOf = (id: string, name: string, line: [number, number][]) => ({
  type: 'Feature',
  properties: { id, name, class: 'primary' },
  geometry: { type: 'LineString', coordinates: line },
})

/** The roads of the third district. */
export const ownRoads = [
  roadOf('dt-786', 'ĐT786', [
    [105.97, 11.27],
    [106.01, 11.3],
    [106.05, 11.36],
  ]),
  roadOf('dt-788', 'ĐT788', [
    [105.97, 11.35],
    [106.05, 11.28],
  ]),
]

/** The id of the third district. */
export const ownDistrict = district.id

/** Writes the data of the shipped city and of a third district into a folder: nothing but files. */
export async function writeOwnCity(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await cp(shippedCity, folder, { recursive: true })
  const add = async (file: string, alter: (content: unknown[] & { features: unknown[] }) => void) => {
    const content = JSON.parse(await readFile(join(folder, file), 'utf8'))
    alter(content)
    await writeFile(join(folder, file), JSON.stringify(content))
  }
  await add('districts.json', (districts) => districts.push(district))
  await add('outlines.geojson', ({ features }) => features.push(outline))
  await add('roads.geojson', ({ features }) => features.push(...ownRoads))
}
