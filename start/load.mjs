// Loads a part of this folder, built where that can be, and else as the TypeScript it is.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import { built } from './built.mjs'

/** what threads are told: the folder of what was built, or that there is none */
const place = 'nhip-built'

async function find(cache) {
  try {
    return await built({ cache })
  } catch (error) {
    console.error(`nhip: the services cannot be built (${error.message}): starting without takes longer`)
    return 'none'
  }
}

/** Runs a file of this folder by its name without `.ts`. */
export async function load(name, { cache } = {}) {
  const folder = getEnvironmentData(place) ?? (await find(cache))
  setEnvironmentData(place, folder)
  if (folder === 'none') {
    const { register } = await import('tsx/esm/api')
    register()
    await import(`./${name}.ts`)
  } else {
    process.setSourceMapsEnabled(true)
    await import(pathToFileURL(join(folder, `${name}.js`)).href)
  }
}
