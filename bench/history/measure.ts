import { cpuSeconds } from '../load/servers.ts'

/** What one question took: the least of several times asked, ms. */
export interface Cost {
  cpuMs: number
  wallMs: number
  /** rows, points or readings of the answer */
  rows: number
}

const times = 5

/** Asks several times, the first of them to warm up. CPU is that of this process, and of another (`pid`) where that answers. */
export async function costOf(ask: () => Promise<{ length: number }>, pid?: number): Promise<Cost> {
  const least: Cost = { cpuMs: Number.POSITIVE_INFINITY, wallMs: Number.POSITIVE_INFINITY, rows: 0 }
  const elsewhere = async () => (pid === undefined ? 0 : (await cpuSeconds(pid)) * 1_000)
  let total = 0
  for (let n = 0; n < times; n += 1) {
    const [before, other, startedAt] = [process.cpuUsage(), await elsewhere(), performance.now()]
    const { length } = await ask()
    const wallMs = performance.now() - startedAt
    const { user, system } = process.cpuUsage(before)
    const away = (await elsewhere()) - other
    // of another process time is known in hundredths of a second: the mean of the times asked tells more than the least
    if (n > 0) total += away
    least.cpuMs = Math.min(least.cpuMs, (user + system) / 1_000)
    least.wallMs = Math.min(least.wallMs, wallMs)
    least.rows = length
  }
  return { ...least, cpuMs: least.cpuMs + total / (times - 1) }
}

/** CPU of this process while something is done, ms. */
export async function cpuOf<T>(task: () => Promise<T>): Promise<{ result: T; cpuMs: number; wallMs: number }> {
  const [before, startedAt] = [process.cpuUsage(), performance.now()]
  const result = await task()
  const { user, system } = process.cpuUsage(before)
  return { result, cpuMs: (user + system) / 1_000, wallMs: performance.now() - startedAt }
}
