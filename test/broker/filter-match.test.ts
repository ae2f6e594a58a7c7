import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matches } from '#broker/wire/filter-match.ts'

describe('a filter', () => {
  it.each([
    ['a', 'a'],
    ['a/+', 'a/b'],
    ['a/+', 'a/'],
    ['+/+', '/b'],
    ['/+', '/b'],
    ['#', 'a/b/c'],
    ['a/#', 'a'],
    ['a/#', 'a/b/c'],
    ['a/+/#', 'a/b'],
    ['$own/#', '$own/x'],
    ['+/b/#', 'a/b/c/d'],
  ])('%s matches %s', (filter, topic) => expect(matches(filter, topic)).toBe(true))

  it.each([
    ['a', 'A'],
    ['a', 'a/'],
    ['+', '/a'],
    ['a/+', 'a'],
    ['a/+/#', 'a'],
    ['a/#', 'ab'],
    ['#', '$own/x'],
    ['+/x', '$own/x'],
    ['+/#', '$own'],
  ])('%s does not match %s', (filter, topic) => expect(matches(filter, topic)).toBe(false))

  it('that is a topic with levels replaced by + matches it, and so does any beginning of it with # behind', () => {
    const level = fc.stringMatching(/^[a-c]{0,2}$/)
    fc.assert(
      fc.property(fc.array(fc.tuple(level, fc.boolean()), { minLength: 1, maxLength: 6 }), fc.nat(5), (levels, cut) => {
        const topic = levels.map(([name]) => name).join('/')
        const filter = levels.map(([name, isAny]) => (isAny ? '+' : name))
        expect(matches(filter.join('/'), topic)).toBe(true)
        expect(matches([...filter.slice(0, cut), '#'].join('/'), topic)).toBe(true)
        expect(matches([...filter, 'more'].join('/'), topic)).toBe(false)
      }),
    )
  })
})
