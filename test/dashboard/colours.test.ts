import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '#start/prepare.mjs'
import { palettes } from '../../dashboard/src/map/palette.ts'
import { colours, type Theme } from '../../dashboard/src/ui/colours.ts'

type Colour = keyof typeof colours.light

const themes = ['light', 'dark'] as const satisfies readonly Theme[]
/** least contrast of text (WCAG 2, 1.4.3) */
const least = 4.5
/** least contrast of a mark (WCAG 2, 1.4.11) */
const leastOfMark = 3
/** colours of severities that are drawn as lines without an edge */
const lines = ['critical', 'warningLine', 'notice'] as const satisfies readonly Colour[]
const white = '#ffffff'

/** Inks, and the grounds on which texts of the page are written in them. */
const uses: readonly { ink: Colour | typeof white; grounds: readonly Colour[] }[] = [
  { ink: 'ink', grounds: ['ground', 'surface', 'raised'] },
  // what is old, cannot be pressed or is less important: on all of them too
  { ink: 'inkSoft', grounds: ['ground', 'surface', 'raised'] },
  { ink: 'surface', grounds: ['ink', 'replay'] },
  { ink: white, grounds: ['banner'] },
]
/** grounds of notes that lie on the map: this share of the surface, the map behind it */
const onMap = { ink: 0.8, inkSoft: 0.85 } as const

type Rgb = readonly [number, number, number]
const rgbOf = (hex: string): Rgb => {
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16)
  return [part(1), part(3), part(5)]
}
const luminance = (rgb: Rgb): number => {
  const [r, g, b] = rgb.map((part) => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number] // as many as were given
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
/** Contrast of two colours, 1 to 21, as WCAG 2 has it. */
function contrast(one: Rgb, other: Rgb): number {
  const [dark, light] = [luminance(one), luminance(other)].toSorted((a, b) => a - b) as [number, number] // of two
  return (light + 0.05) / (dark + 0.05)
}
const mix = (top: Rgb, share: number, below: Rgb): Rgb =>
  top.map((part, at) => part * share + (below[at] ?? 0) * (1 - share)) as unknown as Rgb // three of three

/** Declarations of the page's style sheets. */
async function declarations(property: RegExp): Promise<{ file: string; value: string }[]> {
  const folder = join(root, 'dashboard/src')
  const files = (await readdir(folder, { recursive: true })).filter((file) => /\.(svelte|css)$/.test(file))
  const found = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8')
      const styles = file.endsWith('.css') ? text : (/<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? '')
      const all = styles.matchAll(/(?:^|[{;]|\*\/)\s*([\w-]+)\s*:\s*([^;{}]+)(?=[;}])/g)
      return [...all].flatMap(([, name = '', value = '']) =>
        property.test(name) ? [{ file, value: value.trim() }] : [],
      )
    }),
  )
  return found.flat()
}

describe.each(themes)('in the %s theme', (theme) => {
  const colour = (name: Colour | typeof white) => rgbOf(name === white ? white : colours[theme][name])

  it.each(uses.flatMap(({ ink, grounds }) => grounds.map((ground) => [ink, ground] as const)))(
    'a text in %s is read on %s',
    (ink, ground) => {
      expect(contrast(colour(ink), colour(ground))).toBeGreaterThanOrEqual(least)
    },
  )

  it('a note on the map is read, whatever the map has behind it', () => {
    const { ground, district, road, roadEdge, water, building, green } = palettes[theme]
    for (const behind of [ground, district, road, roadEdge, water, building, green])
      for (const [ink, share] of Object.entries(onMap))
        expect(
          contrast(colour(ink as keyof typeof onMap), mix(colour('surface'), share, rgbOf(behind))), // its own keys
          `${ink} over ${behind}`,
        ).toBeGreaterThanOrEqual(least)
  })

  it('names on the map are read on their halo', () => {
    const { text, textSoft, halo } = palettes[theme]
    for (const ink of [text, textSoft]) expect(contrast(rgbOf(ink), rgbOf(halo)), ink).toBeGreaterThanOrEqual(least)
  })

  it('a mark is seen on every ground, by its colour or its edge', () => {
    for (const mark of ['critical', 'warning', 'notice'] as const)
      for (const ground of ['ground', 'surface', 'raised'] as const) {
        const seen = Math.max(contrast(colour(mark), colour(ground)), contrast(colour('edge'), colour(ground)))
        expect(seen, `${mark} on ${ground}`).toBeGreaterThanOrEqual(leastOfMark)
      }
  })

  it('so is one that is a line alone: what is shelved or over, a road that is jammed', () => {
    for (const line of lines)
      for (const ground of ['ground', 'surface', 'raised'] as const)
        expect(contrast(colour(line), colour(ground)), `${line} on ${ground}`).toBeGreaterThanOrEqual(leastOfMark)
    const { district, halo, warningLine, notice } = palettes[theme]
    for (const line of [warningLine, notice])
      for (const behind of [district, halo])
        expect(contrast(rgbOf(line), rgbOf(behind)), `${line} on ${behind}`).toBeGreaterThanOrEqual(leastOfMark)
  })
})

describe('the style sheets', () => {
  it('draw no line in the colour of an area, which an edge has to set off', async () => {
    const drawn = await declarations(/^(stroke|border|border-(left|right|top|bottom)|border-color|outline)$/)
    expect(drawn.length).toBeGreaterThan(20)
    expect(drawn.filter(({ value }) => value.includes('var(--warning)'))).toEqual([])
  })

  it('dim nothing: what is old or cannot be pressed has an ink that is read', async () => {
    const dimming = (await declarations(/^opacity$/)).filter(({ value }) => !['0', '1'].includes(value))
    const filtering = (await declarations(/^filter$/)).filter(({ value }) => value !== 'grayscale(1)')
    expect([...dimming, ...filtering]).toEqual([])
  })

  it('write in no ink, and on no ground, but those whose contrast is known', async () => {
    const nameOf = (colour: string) => `var(--${colour.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)})`
    const inks = [...uses.map(({ ink }) => (ink === white ? '#fff' : nameOf(ink))), 'inherit', '#000']
    const inksUsed = await declarations(/^(color|-webkit-text-fill-color)$/)
    // marks that are drawn as letters, with an edge
    const isMark = ({ file }: { file: string }) => file === join('replay', 'ReplayBar.svelte')
    expect(inksUsed.filter((used) => !inks.includes(used.value) && !isMark(used))).toEqual([])
    const grounds = new Set(uses.flatMap(({ grounds }) => grounds.map(nameOf)))
    const groundsUsed = await declarations(/^background(-color)?$/)
    const known = (value: string) =>
      grounds.has(value) ||
      value === 'none' ||
      /gradient\(|^color-mix\(in srgb, var\(--surface\) 8[05]%|^rgb\(0 0 0/.test(value)
    expect(groundsUsed.filter(({ value }) => !known(value))).toEqual([])
  })
})
