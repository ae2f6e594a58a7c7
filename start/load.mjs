// Loads a part of this folder as it was built.
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import { built } from './built.mjs'
import { root } from './prepare.mjs'

/** what threads are told: the folder of what was built */
const place = 'nhip-built'

/** The folder of the built services: where nothing can be kept, one for this start alone. */
async function find(cache) {
  try {
    return await built({ cache })
  } catch (error) {
    console.error(`nhip: what is built cannot be kept (${error.message}): each start takes longer`)
  }
  const once = mkdtempSync(join(tmpdir(), 'nhip-'))
  process.once('exit', () => rmSync(once, { recursive: true, force: true }))
  // packages are looked for beside the file that imports them
  symlinkSync(join(root, 'node_modules'), join(once, 'node_modules'))
  return built({ cache: once })
}

/** Runs a file of this folder by its name without `.ts`. Rejects when it cannot be built. */
export async function load(name, { cache } = {}) {
  const folder = getEnvironmentData(place) ?? (await find(cache))
  setEnvironmentData(place, folder)
  process.setSourceMapsEnabled(true)
  await import(pathToFileURL(join(folder, `${name}.js`)).href)
}
