import { spawnSync } from 'node:child_process'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder with a disk of its own, in memory. */
export interface SmallDisk {
  path: string
  /** Takes the disk away, with all that is on it. */
  close(): Promise<void>
}

/** Mounts a disk of so many bytes; undefined where that is not allowed, as it is for all but root. */
export async function mountSmallDisk(bytes: number): Promise<SmallDisk | undefined> {
  const path = await mkdtemp(join(tmpdir(), 'nhip-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path])
  if (mounted.status !== 0) {
    await rmdir(path)
    return undefined
  }
  return {
    path,
    async close() {
      const { status, stderr } = spawnSync('umount', [path])
      if (status !== 0) throw new Error(`the small disk is still in use: ${stderr}`)
      await rmdir(path)
    },
  }
}
