import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

const telemetry = fileURLToPath(new URL('../telemetry/', import.meta.url))
const built = fileURLToPath(new URL('dist/', import.meta.url))

/** Puts a .gz beside every text file of the build, which the api serves to browsers that take it. */
function compress(): Plugin {
  return {
    name: 'nhip-compress',
    apply: 'build',
    async writeBundle() {
      const files = await readdir(built, { recursive: true })
      for (const file of files.filter((name) => /\.(js|css|html|svg)$/.test(name))) {
        const path = join(built, file)
        await writeFile(`${path}.gz`, await promisify(gzip)(await readFile(path), { level: 9 }))
      }
    },
  }
}

export default defineConfig({
  plugins: [svelte(), compress()],
  resolve: { alias: { '#telemetry/': telemetry } },
  // MapLibre's worker is a module of its own
  worker: { format: 'es' },
  // no data: URLs for fonts and pictures, so that a strict content security policy can hold
  build: { target: 'es2022', outDir: 'dist', emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 1_500 },
})
