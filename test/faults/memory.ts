import { readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import type { Burst } from './burst.ts'

/** Memory of a process, MB: its own now (LevelDB maps files of the journal into memory, which the system may take back), and all at its highest so far. */
export async function memoryOf(pid: number | undefined): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024
  return { now: megabytes('RssAnon'), peak: megabytes('VmHWM') }
}

/** readings of one stretch: decoded and held, they would take some 150 MB (measured by doing so) */
const stretch = 250_000
const slack = 100
/** stretches in which memory may still be finding its level: the garbage collector lets its heaps grow to their bounds first */
const settling = 4

/** The highest memory of each process while so many readings more are acknowledged. */
async function highest(burst: Burst, pids: Readonly<Record<string, number | undefined>>) {
  const highest: Record<string, number> = {}
  for (let looks = 0; looks < 30; looks++) {
    await burst.more(stretch / 30)
    for (const [name, pid] of Object.entries(pids))
      highest[name] = Math.max(highest[name] ?? 0, (await memoryOf(pid)).now)
  }
  return highest
}

/**
 * Lets a flood come in, and compares each stretch of it with the one before until the memory has found its level. What grows
 * with what waits grows by more than the slack in every stretch, and never finds one.
 */
export async function expectFlatMemory(
  burst: Burst,
  pids: Readonly<Record<string, number | undefined>>,
): Promise<void> {
  await burst.more(stretch)
  const stretches = [await highest(burst, pids)]
  const grown = () => {
    const [before, after] = stretches.slice(-2)
    return Object.entries(after ?? {}).filter(([name, mb]) => mb >= (before?.[name] ?? 0) + slack)
  }
  do stretches.push(await highest(burst, pids))
  while (grown().length > 0 && stretches.length <= settling)
  expect(grown(), `MB, stretch by stretch: ${JSON.stringify(stretches)}`).toEqual([])
}
