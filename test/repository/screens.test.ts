import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '#start/prepare.mjs'
import { views } from '../e2e/views.ts'
import { screenLooks } from '../screen-looks.ts'

/** bytes of one picture, and of all */
const most = { one: 300_000, all: 8_000_000 }

describe('the pictures of the pages', () => {
  it('are taken in each language and theme, and on a phone in each of them', () => {
    const desktop = screenLooks.filter(({ size }) => size.width > 1_000).map(({ look }) => look)
    const phone = screenLooks.filter(({ size }) => size.width < 400).map(({ look }) => look)
    expect(new Set(desktop.map(({ language, theme }) => `${language} ${theme}`)).size).toBe(4)
    for (const key of ['language', 'theme'] as const) expect(new Set(phone.map((look) => look[key])).size).toBe(2)
  })

  it('are there of every page, of nothing else, and small', async () => {
    const folder = join(root, 'docs/screens')
    const pictures = await readdir(folder)
    const names = views.flatMap((view) => screenLooks.map(({ name }) => `${view.name}-${name}.png`))
    expect(pictures.filter((picture) => !names.includes(picture))).toEqual([])
    for (const { name } of views) expect(pictures).toContain(`${name}-vi-light.png`)
    const sizes = await Promise.all(pictures.map(async (picture) => (await stat(join(folder, picture))).size))
    expect(Math.max(...sizes)).toBeLessThan(most.one)
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(most.all)
  })
})
