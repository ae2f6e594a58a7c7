import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes a file of mode 600; its content is on disk when this resolves. `wx` rejects where there is a file of that name. */
export async function writeSynced(path: string, content: string | Uint8Array, flags: 'w' | 'wx' = 'w'): Promise<void> {
  const file = await open(path, flags, 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The name of a new file is on disk when its folder is. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Writes a file of mode 600 so that a reader finds the old one, or none, or the whole new one, also after the power failed; it is on
 * disk when this resolves. What is half written stands beside it, with `.new` behind its name.
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.${process.pid}.new`
  await writeSynced(beside, content)
  await rename(beside, path)
  await syncFolder(dirname(path))
}
