import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

const telemetry = fileURLToPath(new URL('../telemetry/', import.meta.url))

export default defineConfig({
  plugins: [svelte()],
  resolve: { alias: { '#telemetry/': telemetry } },
  // MapLibre's worker is a module of its own
  worker: { format: 'es' },
  // no data: URLs for fonts and pictures, so that a strict content security policy can hold
  build: { target: 'es2022', outDir: 'dist', emptyOutDir: true, assetsInlineLimit: 0, chunkSizeWarningLimit: 1_500 },
})
