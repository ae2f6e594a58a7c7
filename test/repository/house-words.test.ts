import { readdir, readFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const folders = [
  ...['alerts', 'api', 'bench', 'broker', 'city', 'dashboard/src', 'history', 'ingest'],
  ...['journal', 'simulators', 'start', 'storage', 'telemetry'],
]

/** Metaphors: no file, export, class or method bears one, for who searches uses the field's word. */
const metaphors =
  /^(?:door|desk|clerk|book|look|latch|gate|lane|deed|trail|mirror|intake|reception)s?$|^(?:doorkeeper|gatekeeper)$/

/** Verbs that do not say what happens: no function or method begins with one. Opening a file, a store or a socket is the field's word. */
const vague = /^(?:take|tell|keep|bring|look|hold|give|hand|let)$/

/** What begins like one of them and is the field's own word all the same. */
const ownVerbs = /^(?:hand-over|keep-alive)/

/** Names in which the word means the thing itself. */
const ownWords: readonly string[] = ['deskMarkPx']

/** `#takeNewest`, `LiveHub` and `live-hub.svelte.ts` in parts: `take`, `newest`. */
const partsOf = (name: string): string[] =>
  name
    .replace(/([a-z\d])([A-Z])/g, '$1-$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((part) => part !== '')

const exported =
  /^export (?:default )?(?:declare )?(?:abstract )?(?:async )?(?:function\*?|class|interface|type|const|let|enum) (\w+)/gm
const functions = /^(?:export )?(?:async )?(?:function\*? (\w+)|const (\w+) = (?:async )?(?:\([^\n]*=>|function))/gm
const methods = /^ {2}(?:(?:static|override|readonly|async|get|set) )*\*?(#?\w+)(?:<[^\n]*>)?\(/gm

/** The names of a source that the rule refuses. */
function refusedIn(text: string): string[] {
  const namesBy = (expression: RegExp) =>
    [...text.matchAll(expression)].map(([, first, second]) => first ?? second ?? '').filter((name) => name !== '')
  const called = [...namesBy(functions), ...namesBy(methods)]
  const all = [...namesBy(exported), ...called].filter((name) => !ownWords.includes(name))
  return [
    ...all.filter((name) => partsOf(name).some((part) => metaphors.test(part))),
    ...called.filter((name) => vague.test(partsOf(name)[0] ?? '') && !ownVerbs.test(partsOf(name).join('-'))),
  ]
}

it.each([
  ['export interface Look {}', 'Look'],
  ['export const [getDesk] = context()', undefined],
  ["export type AlertDeed = 'acknowledge'", 'AlertDeed'],
  ['export async function doorOf(): Promise<void> {}', 'doorOf'],
  ['function tellView(map) {}', 'tellView'],
  ['export const giveBack = async () => {}', 'giveBack'],
  ['  #take(before: number): void {', '#take'],
  ['  static async holdAll<T>(all: T): Promise<void> {', 'holdAll'],
  ['export function handOverShift() {}', undefined],
  ['  async lookupTopic(topic: string) {', undefined],
])('of %s it refuses %s', (text, name) => {
  expect(refusedIn(text).at(0)).toBe(name)
})

it('no source file, export, function or method bears a metaphor or begins with a vague verb', async () => {
  const found: string[] = []
  for (const folder of folders) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile() && /\.(?:ts|js|mjs|svelte)$/.test(entry.name))
    await Promise.all(
      files.map(async (entry) => {
        const path = relative(root, join(entry.parentPath, entry.name))
        if (partsOf(basename(path)).some((part) => metaphors.test(part))) found.push(path)
        for (const name of refusedIn(await readFile(join(root, path), 'utf8'))) found.push(`${path}: ${name}`)
      }),
    )
  }
  expect(found, "name it by the field's word (CONTRIBUTING.md)").toEqual([])
})
