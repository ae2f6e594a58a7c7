import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from '#start/prepare.mjs'

/** The clock of a machine on which processes run, which a test sets; the time that passes is not touched. */
export interface MachineClock {
  /** Sets it to be so many ms off. A process takes that up within 50 ms. */
  set(offMs: number): Promise<void>
  /** settings of a process that is to go by it */
  env: Readonly<Record<string, string>>
}

/** Opens one that is right; its offset is in a file of this folder. */
export async function openMachineClock(folder: string): Promise<MachineClock> {
  const file = join(folder, 'clock-offset')
  // renamed into its place: a process that read it half written was without any offset for a while
  const set = async (offMs: number) => {
    await writeFile(`${file}.new`, String(offMs))
    await rename(`${file}.new`, file)
  }
  await set(0)
  return { set, env: { CLOCK_OFFSET_FILE: file, NODE_OPTIONS: `--import ${join(root, 'test/set-clock.mjs')}` } }
}
