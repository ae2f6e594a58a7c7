import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const rooms = [
  'alerts',
  'api',
  'broker',
  'dashboard/src',
  'history',
  'ingest',
  'journal',
  'start',
  'storage',
  'telemetry',
]

/** What reads the sentences of others, who have no codes: a parser, an engine, a library. */
const ofOthers = new Map([
  ['telemetry/faults/json-fault.ts', 'the JSON parser of Node.js'],
  ['api/live/live-hub.ts', 'the WebSocket library'],
  ['storage/influxdb/errors.ts', 'InfluxDB'],
  ['storage/duckdb/errors.ts', 'DuckDB'],
])

/** A regular expression that holds two words with a blank between them. */
const expression =
  /(?:^|[\s(,[=:!&|?{])\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n[])+)\/[dgimsuvy]*(?=\s*[.,;)\]])/g
/** A search for a text that holds two words. */
const search = /\.(?:includes|startsWith|endsWith|indexOf|match|split|search)\(\s*(['"`])([^'"`\n]*)\1/g
const words = /[A-Za-z]{2,} [A-Za-z]{2,}/

async function sources(room: string): Promise<string[]> {
  const entries = await readdir(join(root, room), { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && /\.(?:ts|svelte)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
}

/** What of a source looks for words in a text. */
function parsedIn(text: string): string[] {
  const code = text.replace(/^\s*(?:\*|\/\/|\/\*).*$/gm, '')
  const found = [...code.matchAll(expression)].map(([, body = '']) => body)
  const searched = [...code.matchAll(search)].map(([, , sought = '']) => sought)
  return [...found, ...searched].filter((sought) => words.test(sought))
}

it('a sentence that is read is seen', () => {
  expect(parsedIn('if (/^the receiver answered (.+)$/.test(said)) return')).toHaveLength(1)
  expect(parsedIn("  [/^is (.+), must be at least (\\S+)$/, 'là $1'],")).toHaveLength(1)
  expect(parsedIn("message.includes('smaller than above')")).toHaveLength(1)
  expect(parsedIn("name.replace(/[^a-z0-9]+/g, '-').includes(' ')")).toEqual([])
})

it.each([...ofOthers])('%s still reads what is said by %s', async (file) => {
  expect(parsedIn(await readFile(join(root, file), 'utf8'))).not.toEqual([])
})

it('no source reads sentences of ours: what one part says to another is a code with params', async () => {
  const found: string[] = []
  for (const file of (await Promise.all(rooms.map(sources))).flat()) {
    if (ofOthers.has(file)) continue
    for (const sought of parsedIn(await readFile(join(root, file), 'utf8'))) found.push(`${file}: ${sought}`)
  }
  expect(found).toEqual([])
})
