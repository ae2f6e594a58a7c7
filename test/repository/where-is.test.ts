import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '#start/prepare.mjs'
import { rooms } from './rooms.ts'

/** files in which a search may end */
const few = 8

const page = readFileSync(join(root, 'docs/where-is.md'), 'utf8')
const rows = [...page.matchAll(/^\| (.+\?) \| \[(.+)\]\(\.\.\/(.+)\) \| (.+) \|$/gm)]
const questions = rows.map(([, question = '', path = '', link = '', words = '']) => ({ question, path, link, words }))

/** Path, docstrings and comments of every source file that is not a test, in small letters. */
const texts = new Map(
  sources().map((path) => {
    const comments = readFileSync(join(root, path), 'utf8').match(/\/\*\*[\s\S]*?\*\/|\/\/[^\n]*/g) ?? []
    return [path, [path.replaceAll(/[/.-]/g, ' '), path, ...comments].join('\n').toLowerCase()]
  }),
)

function sources(): string[] {
  const folders = rooms.filter((room) => room !== 'test')
  const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...folders], {
    cwd: root,
    encoding: 'utf8',
  })
  return stdout.split('\n').filter((path) => /\.(ts|svelte|mjs)$/.test(path) && existsSync(join(root, path)))
}

/** Files in whose path, docstrings and comments all the words stand. */
function search(words: string): string[] {
  const all = words.toLowerCase().split(' ')
  return [...texts].filter(([, text]) => all.every((word) => text.includes(word))).map(([path]) => path)
}

describe('where things are', () => {
  it('is told of at least 25, each in a row that is read here', () => {
    expect(questions).toHaveLength(page.match(/^\| .*\]\(/gm)?.length ?? 0)
    expect(questions.length).toBeGreaterThanOrEqual(25)
    for (const { path, link } of questions) expect(link).toBe(path)
  })

  it.each(questions)('$question a search for "$words" finds it among few', ({ path, words }) => {
    const found = search(words)
    expect(found).toContain(path)
    expect(found.length, found.join(' ')).toBeLessThanOrEqual(few)
  })
})
