import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadCity } from '#city/city.ts'
import { root } from '#start/prepare.mjs'

const rooms = [
  ...['telemetry', 'city', 'journal', 'storage', 'history', 'broker', 'ingest', 'alerts', 'api', 'simulators', 'start'],
  'dashboard/src',
]
const { districts } = await loadCity()
const names = districts.flatMap(({ id, name, wards }) => [
  id,
  ...wards.map((ward) => ward.id),
  // without what kind of unit it is
  ...[name.vi, name.en].map(
    (text) => /\p{Lu}\p{L}+ \p{Lu}\p{L}+/u.exec(text.replace(/^(Thành phố|Thị xã) /, ''))?.[0] ?? text,
  ),
])

describe('a district', () => {
  it('is data: no source names one that ships, nor a ward of it', async () => {
    expect(names).toEqual(expect.arrayContaining(['tay-ninh', 'Tây Ninh', 'Hòa Thành', 'long-hoa']))
    const naming: string[] = []
    for (const room of rooms)
      for (const path of await readdir(join(root, room), { recursive: true })) {
        if (!/\.(ts|svelte|mjs)$/.test(path)) continue
        const text = await readFile(join(root, room, path), 'utf8')
        naming.push(...names.filter((name) => text.includes(name)).map((name) => `${room}/${path}: ${name}`))
      }
    expect(naming).toEqual([])
  })
})
