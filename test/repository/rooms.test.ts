import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '#start/prepare.mjs'
import { biomeConfig, mayImport, type Room, rooms, roomsPage } from './rooms.ts'

let folder: string
let diagnostics: { category: string; location: { path: string | { file: string } }; message: unknown }[]

/** A file in each room that imports every other room. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nhip-rooms-'))
  await cp(join(root, 'biome.json'), join(folder, 'biome.json'))
  await writeFile(join(folder, '.gitignore'), '')
  for (const room of rooms) {
    await mkdir(join(folder, room))
    const others = rooms.filter((other) => other !== room)
    const imports = others.map((other) => `export { planted as ${other} } from '#${other}/planted.ts'\n`)
    await writeFile(join(folder, room, 'planted.ts'), imports.join(''))
  }
  const biome = join(root, 'node_modules/.bin/biome')
  const { stdout } = spawnSync(
    biome,
    ['lint', '--reporter=json', '--max-diagnostics=1000', '--vcs-enabled=false', '.'],
    {
      cwd: folder,
      encoding: 'utf8',
    },
  )
  diagnostics = JSON.parse(stdout).diagnostics
})
afterAll(() => rm(folder, { recursive: true }))

function violations(room: Room): string[] {
  const found = diagnostics.filter(
    ({ category, location }) =>
      category === 'lint/style/noRestrictedImports' && JSON.stringify(location.path).includes(`${room}/planted.ts`),
  )
  return found.map(({ message }) => /does not know ([a-z]+)\//.exec(JSON.stringify(message))?.[1] ?? '?').sort()
}

describe('the rooms', () => {
  it.each(Object.entries(mayImport))(
    'a forbidden import planted in %s/ is caught, an allowed one is not',
    (name, allowed) => {
      const room = name as Room // a key of the table
      const forbidden = rooms.filter((other) => other !== room && !allowed.includes(other))
      expect(violations(room)).toEqual([...forbidden].sort())
    },
  )

  it('start/ and test/ may import every room', () => {
    expect(violations('start')).toEqual([])
    expect(violations('test')).toEqual([])
  })

  it('are forbidden and described after one table: `npm run rooms` has been run', async () => {
    const text = await readFile(join(root, 'biome.json'), 'utf8')
    expect(JSON.parse(text)).toEqual(biomeConfig(text))
    expect(await readFile(join(root, 'docs/rooms.md'), 'utf8')).toBe(roomsPage())
  })

  it.each([...rooms, 'bench'])(
    '%s/ has a README of at most 30 lines, and the README of all leads to it',
    async (room) => {
      const lines = (await readFile(join(root, room, 'README.md'), 'utf8')).trimEnd().split('\n')
      expect(lines.length).toBeLessThanOrEqual(30)
      expect(await readFile(join(root, 'README.md'), 'utf8')).toContain(`](${room}/README.md)`)
    },
  )
})
