import { networkOf } from './addresses.ts'
import type { Trail } from './trail.ts'

/** ms in which the refused tokens of one address are one entry of the trail */
const gatherMs = 60_000

/** addresses remembered; the one first remembered goes first */
const maxAddresses = 10_000

/**
 * Tells the trail of tokens that were refused, never the token: the first of each address (IPv6: each /64) at once, and what comes in the minute after
 * it as a number in the next entry, so that a program with an old token does not fill the trail.
 */
export class RefusedTokens {
  readonly #trail: Trail
  readonly #clock: () => number
  readonly #seen = new Map<string, { at: number; since: number }>()

  constructor(trail: Trail, clock: () => number) {
    this.#trail = trail
    this.#clock = clock
  }

  /** `way` is where the token came: `bearer` or `live feed`. */
  refused(from: string, way: string): void {
    const key = `${way} ${networkOf(from)}`
    const now = this.#clock()
    const seen = this.#seen.get(key)
    if (seen && now - seen.at < gatherMs) {
      seen.since += 1
      return
    }
    this.#seen.delete(key)
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size < maxAddresses) break
      this.#seen.delete(oldest)
    }
    this.#seen.set(key, { at: now, since: 0 })
    const before = seen && seen.since > 0 ? { before: seen.since } : {}
    // not waited for: nothing was changed
    void this.#trail.record({ who: '', from, what: 'session.refuse', target: '', detail: { way, ...before } })
  }
}
