import { readFile } from 'node:fs/promises'
import subsetFont from 'subset-font'
import type { Plugin } from 'vite'
import { fontRanges } from './src/ui/font-ranges.ts'

/** The characters of a `unicode-range`. */
function charactersOf(range: string): string {
  const spans = range.split(',').map((span) => span.trim().slice(2).split('-'))
  return spans
    .flatMap(([from = '', to = from]) => {
      const first = Number.parseInt(from, 16)
      return Array.from({ length: Number.parseInt(to, 16) - first + 1 }, (_, at) => String.fromCodePoint(first + at))
    })
    .join('')
}

/** What a browser does with these letters unasked. */
const features = ['calt', 'ccmp', 'clig', 'kern', 'liga', 'locl', 'mark', 'mkmk', 'rlig']

/** Imports of `….woff2?latin` and `….woff2?vietnamese` give the address of the font with the characters of that range alone, without small capitals and the like and without hints: less than half as large. */
export function subsetFonts(): Plugin {
  const wanted = new RegExp(`\\.woff2\\?(${Object.keys(fontRanges).join('|')})$`)
  return {
    name: 'nhip-subset-fonts',
    apply: 'build',
    enforce: 'pre',
    async load(id) {
      const name = wanted.exec(id)?.[1] as keyof typeof fontRanges | undefined // one of its keys, by the pattern
      if (!name) return undefined
      const path = id.slice(0, id.lastIndexOf('?'))
      const source = await subsetFont(await readFile(path), charactersOf(fontRanges[name]), {
        targetFormat: 'woff2',
        keepFeatures: features,
        // instructions for screens of few pixels, that macOS and phones ignore: half of the file
        noHinting: true,
      })
      const file = this.emitFile({ type: 'asset', name: path.slice(path.lastIndexOf('/') + 1), source })
      return `export default import.meta.ROLLUP_FILE_URL_${file}`
    },
  }
}
