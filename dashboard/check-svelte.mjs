// Checks the types in .svelte files. svelte-check works with TypeScript up to 6, all else here is checked by 7: it gets one of its own.
import Module, { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const resolve = Module._resolveFilename
Module._resolveFilename = (name, ...rest) =>
  resolve.call(Module, name === 'typescript' ? 'typescript-5' : name, ...rest)

const folder = fileURLToPath(new URL('.', import.meta.url))
process.argv.push(
  '--workspace',
  folder,
  '--tsconfig',
  `${folder}tsconfig.json`,
  '--fail-on-warnings',
  '--output',
  'human',
)
// not by its bin, which looks at the version of TypeScript by its folder
require('svelte-check')
