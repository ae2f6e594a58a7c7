import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { built, services, stateOf } from '#start/built.mjs'
import { root } from '#start/prepare.mjs'

const packageSchema = z.object({ imports: z.record(z.string(), z.string()) })
const { imports } = packageSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')))
const rooms = Object.keys(imports)
  .map((name) => name.slice(1, -2))
  .filter((room) => room !== 'test')

describe('the built services', () => {
  let folder: string
  let project: string
  let cache: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-built-'))
    project = join(folder, 'project')
    cache = join(folder, 'cache')
    for (const name of [...rooms, 'package.json', 'package-lock.json', 'tsconfig.json'])
      await cp(join(root, name), join(project, name), { recursive: true })
    await symlink(join(root, 'node_modules'), join(project, 'node_modules'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  const shownBy = async (place: string) => {
    const files = (await readdir(place)).filter((name) => name.endsWith('.js'))
    return (await Promise.all(files.map((name) => readFile(join(place, name), 'utf8')))).join('\n')
  }

  it('are built once however many start at once, and anew when a source has changed', async () => {
    const places = await Promise.all([built({ project, cache }), built({ project, cache }), built({ project, cache })])
    expect(new Set(places).size).toBe(1)
    expect(await readdir(cache)).toHaveLength(1)
    const files = await readdir(places[0] ?? '')
    expect(files).toEqual(expect.arrayContaining(services.map((name) => `${name}.js`)))
    const source = join(project, 'start/stack.ts')
    await writeFile(
      source,
      `${await readFile(source, 'utf8')}\nexport const mark = console.log('marked-by-a-change')\n`,
    )
    const changed = await built({ project, cache })
    expect(changed).not.toBe(places[0])
    expect(await shownBy(changed)).toContain('marked-by-a-change')
    expect(await built({ project, cache })).toBe(changed)
    for (const room of rooms) {
      const before = stateOf(project)
      await writeFile(join(project, room, 'further.ts'), '// nothing yet')
      expect(stateOf(project), room).not.toBe(before)
    }
  })

  it('are built while others remove what is no longer used, and what was there a moment ago', async () => {
    await mkdir(cache)
    // in the list of the folder, and not there when it is looked at: as a folder that another process has just renamed
    await symlink(join(folder, 'nowhere'), join(cache, 'building-by-another'))
    const old = new Date(Date.now() - 2 * 86_400_000)
    for (let i = 0; i < 50; i += 1) {
      await mkdir(join(cache, `old-${i}`, 'inner'), { recursive: true })
      await utimes(join(cache, `old-${i}`), old, old)
    }
    const script = `
      const { built } = await import(${JSON.stringify(join(root, 'start/built.mjs'))})
      process.stdout.write(await built(${JSON.stringify({ project, cache })}))`
    const starts = Array.from({ length: 3 }, () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]),
    )
    const places = (await Promise.all(starts)).map(({ stdout }) => stdout)
    expect(new Set(places).size).toBe(1)
    expect((await readdir(cache)).filter((name) => name.startsWith('old-'))).toEqual([])
  })

  it('run all the same where nothing can be kept, and say so', async () => {
    const script = (options: string) => `
      process.argv[2] = 'list'
      const { load } = await import(${JSON.stringify(join(root, 'start/load.mjs'))})
      await load('credentials', ${options})`
    const run = (options: string) =>
      promisify(execFile)(process.execPath, ['--input-type=module', '-e', script(options)], {
        env: { PATH: process.env.PATH, DATA_DIR: join(folder, 'data') },
      }).catch((error: { stdout: string; stderr: string }) => error)
    const [plain, fast] = await Promise.all([run(`{ cache: '/dev/null/nowhere' }`), run('{}')])
    expect(plain.stderr).toContain('what is built cannot be kept (ENOTDIR')
    expect(fast.stderr).not.toContain('cannot be kept')
    expect(plain.stdout).toBe(fast.stdout)
  })
})
