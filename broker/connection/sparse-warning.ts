import type { Logger } from 'pino'

/** ms between two log lines about one sort of refusal: refusing must stay cheap */
const warnEveryMs = 1_000

/** Makes what logs refusals, each sort at most once a second, with how many there were since its last line. */
export function sparseWarning(log: Logger): (what: string, address: string, why: string) => void {
  const sorts = new Map<string, { at: number; unlogged: number }>()
  return (what, address, why) => {
    const sort = sorts.get(what) ?? { at: Number.NEGATIVE_INFINITY, unlogged: 0 }
    sorts.set(what, sort)
    sort.unlogged += 1
    const now = performance.now()
    if (now - sort.at < warnEveryMs) return
    log.warn({ what, address, count: sort.unlogged }, `refused: ${why}`)
    Object.assign(sort, { at: now, unlogged: 0 })
  }
}
