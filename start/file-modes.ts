import { chmod, lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** bits that give others than the owner anything */
const othersBits = 0o077
/** a folder that many share, such as /tmp, is nobody's to close */
const stickyBit = 0o1000

/** What the platform keeps in its data folder, by the beginning of its name: nothing else there is touched. */
const ours = [
  'nhip.duckdb',
  'journal',
  'trail',
  'damaged-blocks',
  'secrets.json',
  'credentials.json',
  'last-seen.json',
] as const

/** Makes every file of this process readable by its owner alone. */
export function closeUmask(): void {
  process.umask(othersBits)
}

/** Takes from others what they may do to this file or folder and all in it; answers how many were mended. Leaves alone what another user owns. */
async function mend(path: string): Promise<number> {
  const found = await lstat(path).catch(() => undefined) // removed meanwhile
  if (!found || found.isSymbolicLink() || found.uid !== process.getuid?.() || (found.mode & stickyBit) !== 0) return 0
  let mended = 0
  if ((found.mode & othersBits) !== 0) {
    await chmod(path, found.mode & 0o7700)
    mended += 1
  }
  if (found.isDirectory()) for (const name of await readdir(path)) mended += await mend(join(path, name))
  return mended
}

/** Closes a data folder that is open to others, and what the platform keeps in it; answers how many files and folders were. */
export async function mendModes(folder: string): Promise<number> {
  const found = await lstat(folder)
  const isOwn = found.uid === process.getuid?.() && (found.mode & stickyBit) === 0
  let mended = 0
  if (isOwn && (found.mode & othersBits) !== 0) {
    await chmod(folder, found.mode & 0o7700)
    mended += 1
  }
  for (const name of await readdir(folder))
    if (ours.some((begin) => name.startsWith(begin))) mended += await mend(join(folder, name))
  return mended
}
