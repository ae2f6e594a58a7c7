// The services as few files instead of hundreds, each of which costs a start some ms. Plain JavaScript, as launch.mjs.
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './prepare.mjs'

/** What `npm run` starts by name, and the thread of the broker. */
export const services = [
  'platform',
  'broker',
  'bridge',
  'ingest',
  'alerts',
  'api',
  'simulators',
  'quarantine',
  'audit',
  'credentials',
  'history',
]
const entries = [...services, 'broker-worker']
/** where what was built is kept, a folder for each state of the sources */
const keptIn = join(root, 'node_modules/.cache/nhip')
/** ms after which what no start has used any more is removed */
const unusedMs = 86_400_000

/** The rooms as package.json names them for imports; tests are no part of what runs. */
function roomsOf(folder) {
  const { imports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return Object.keys(imports)
    .map((name) => name.slice(1, -2))
    .filter((room) => room !== 'test')
}

/** Every source with what it holds: a change of any of them is another state, and so is another place, for files are found from there. */
export function stateOf(folder) {
  const hash = createHash('sha256').update(folder)
  for (const name of ['package.json', 'package-lock.json']) hash.update(readFileSync(join(folder, name)))
  const take = (path) => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inner = join(path, entry.name)
      if (entry.isDirectory()) take(inner)
      else if (/\.(ts|mjs|cjs|json)$/.test(entry.name)) hash.update(inner).update('\0').update(readFileSync(inner))
    }
  }
  for (const room of roomsOf(folder)) take(join(folder, room))
  return hash.digest('hex').slice(0, 24)
}

/** A file that asks where it is gets the place of its source, beside which its data lies. */
const whereSourcesAre = {
  name: 'where-sources-are',
  setup(build) {
    build.onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8')
      if (!source.includes('import.meta.url') || path.includes('node_modules')) return undefined
      const url = JSON.stringify(pathToFileURL(path).href)
      return { contents: source.replaceAll('import.meta.url', url), loader: path.endsWith('.ts') ? 'ts' : 'js' }
    })
  },
}

async function build(from, to) {
  // loaded only when there is something to build: an image has no need of it
  const esbuild = await import('esbuild')
  await esbuild.build({
    absWorkingDir: from,
    entryPoints: Object.fromEntries(entries.map((name) => [name, `start/${name}.ts`])),
    outdir: to,
    ...{
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      packages: 'external',
    },
    ...{ sourcemap: true, sourcesContent: false, logLevel: 'silent', plugins: [whereSourcesAre] },
  })
}

function removeUnused(cache, now) {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name)
    // another process may have renamed or removed it just now
    const found = statSync(path, { throwIfNoEntry: false })
    if (found && now - found.mtimeMs > unusedMs) rmSync(path, { recursive: true, force: true })
  }
}

/** The folder of the built services, after building them when the sources have changed. Rejects when that cannot be. */
export async function built({ project = root, cache = keptIn } = {}) {
  const folder = join(cache, stateOf(project))
  const now = Date.now()
  try {
    utimesSync(folder, now / 1_000, now / 1_000)
    return folder
  } catch (error) {
    // it is there, and not ours to touch: in an image nothing can be written
    if (error.code === 'EROFS' || error.code === 'EACCES' || error.code === 'EPERM') return folder
  }
  mkdirSync(cache, { recursive: true })
  removeUnused(cache, now)
  // others may build the same at once: the first whole one is taken
  const own = join(cache, `building-${randomUUID()}`)
  try {
    await build(project, own)
    renameSync(own, folder)
  } catch (error) {
    rmSync(own, { recursive: true, force: true })
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  }
  return folder
}
