import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type HtmlTagDescriptor, type Plugin } from 'vite'
import { colourStyles } from './colour-styles.ts'
import { subsetFonts } from './subset-fonts.ts'

const telemetry = fileURLToPath(new URL('../telemetry/', import.meta.url))
const built = fileURLToPath(new URL('dist/', import.meta.url))

/** Brotli's last step but one: of the last the map's code would be 1 % smaller, and take five times as long. */
const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }

/** Script is some 0.1 % smaller in the smaller blocks that less memory makes. */
const gzipped = { level: 9, memLevel: 7 }

/** Puts a .gz and a .br beside every text file of the build; the api serves each browser the smallest that it takes. */
function compress(): Plugin {
  return {
    name: 'nhip-compress',
    apply: 'build',
    async writeBundle() {
      const files = await readdir(built, { recursive: true })
      const texts = files.filter((name) => /\.(js|css|html|svg)$/.test(name)).map((name) => join(built, name))
      await Promise.all(
        texts.map(async (path) => {
          const text = await readFile(path)
          const [gz, br] = await Promise.all([promisify(gzip)(text, gzipped), promisify(brotliCompress)(text, brotli)])
          await Promise.all([writeFile(`${path}.gz`, gz), writeFile(`${path}.br`, br)])
        }),
      )
    },
  }
}

/**
 * The page describes no schema as JSON Schema, and says what is wrong in words of its own: zod's half for the one and its
 * English sentences stay out of what a browser loads.
 */
function leanZod(): Plugin {
  const nothing = (names: readonly string[]) => names.map((name) => `export const ${name} = () => undefined`).join('\n')
  return {
    name: 'nhip-lean-zod',
    apply: 'build',
    enforce: 'pre',
    async load(id) {
      if (/zod\/v4\/locales\/en\.js$/.test(id)) return 'export default () => ({ localeError: () => undefined })'
      if (!/zod\/v4\/core\/(json-schema-processors|to-json-schema)\.js$/.test(id)) return null
      const code = await readFile(id, 'utf8')
      return nothing([...code.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name = '']) => name))
    },
  }
}

/** The live feed comes over WebSocket or polling: socket.io's third way stays out of what a browser loads. */
function leanSocket(): Plugin {
  return {
    name: 'nhip-lean-socket',
    apply: 'build',
    enforce: 'pre',
    load: (id) => (/engine\.io-client\/.*\/transports\/webtransport\.js$/.test(id) ? 'export class WT {}' : null),
  }
}

/** The page's head asks for what its script would ask for only when all of that has run: the map's code, and whether one is signed in. */
function askEarly(): Plugin {
  const link = (attrs: Record<string, string | boolean>): HtmlTagDescriptor => ({
    tag: 'link',
    attrs: { ...attrs, crossorigin: true },
    injectTo: 'head',
  })
  return {
    name: 'nhip-ask-early',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) => {
        const files = Object.values(bundle ?? {})
        const map = files.find((file) => file.type === 'chunk' && file.facadeModuleId?.endsWith('/map/sensor-map.ts'))
        if (!map) throw new Error('the build has no chunk of the map')
        return [
          link({ rel: 'preload', as: 'fetch', href: '/api/v1/config' }),
          link({ rel: 'modulepreload', href: `/${map.fileName}` }),
        ]
      },
    },
  }
}

const isEntry = (id: string) => id.endsWith('/dashboard/src/main.ts')

/** Whether a module runs before anything is shown: the entry imports it, not when it is wanted but at once. */
function isFirst(id: string, importersOf: (id: string) => readonly string[], seen = new Set<string>()): boolean {
  if (isEntry(id)) return true
  if (seen.has(id)) return false
  seen.add(id)
  return importersOf(id).some((importer) => isFirst(importer, importersOf, seen))
}

/**
 * One file of what runs first: what later parts share with it would be cut out otherwise, in dozens of files too small to be
 * compressed well. Not the entry itself, which waits for texts that import from this file.
 */
const firstChunk = {
  name: (id: string, modules: { getModuleInfo(id: string): { importers: string[] } | null }) =>
    !isEntry(id) && isFirst(id, (module) => modules.getModuleInfo(module)?.importers ?? []) ? 'first' : null,
}

export default defineConfig({
  plugins: [leanZod(), leanSocket(), svelte(), subsetFonts(), colourStyles(), askEarly(), compress()],
  resolve: { alias: { '#telemetry/': telemetry } },
  // MapLibre's worker is a module of its own
  worker: { format: 'es' },
  // no data: URLs for fonts and pictures, so that a strict content security policy can hold
  build: {
    ...{ target: 'es2022', outDir: 'dist', emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 1_500 },
    // who lacks it loads the same files a little later
    modulePreload: { polyfill: false },
    // who starts the platform for the first time is not asked how long each plugin took
    rolldownOptions: { checks: { pluginTimings: false }, output: { codeSplitting: { groups: [firstChunk] } } },
  },
})
