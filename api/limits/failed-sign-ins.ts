/** ms over which failures are counted */
const windowMs = 60_000

/** failures at one name in that time after which it is closed to the addresses that failed at it */
const maxFailures = 60

/** names, and addresses at one name, remembered; beyond that the one first remembered goes first */
const maxNames = 10_000
const maxAddresses = 1_000

interface Failures {
  since: number
  count: number
  addresses: Set<string>
}

/**
 * Failed sign-ins by name. A name at which too many failed is closed for a while, to those addresses alone that failed at it:
 * nobody locks a person out by guessing at their name from elsewhere.
 */
export class FailedSignIns {
  readonly #clock: () => number
  readonly #names = new Map<string, Failures>()

  constructor(clock: () => number) {
    this.#clock = clock
  }

  /** s for which this address may not try this name; 0 when it may. */
  waitS(name: string, address: string): number {
    const found = this.#names.get(name)
    if (!found || found.count < maxFailures || !found.addresses.has(address)) return 0
    return Math.max(0, Math.ceil((found.since + windowMs - this.#clock()) / 1_000))
  }

  /** Counts a failure. */
  failed(name: string, address: string): void {
    const now = this.#clock()
    let found = this.#names.get(name)
    if (!found || now - found.since >= windowMs) {
      this.#names.delete(name)
      found = { since: now, count: 0, addresses: new Set() }
      removeOldest(this.#names, maxNames)
      this.#names.set(name, found)
    }
    found.count += 1
    if (!found.addresses.has(address)) removeOldest(found.addresses, maxAddresses)
    found.addresses.add(address)
  }
}

function removeOldest(
  held: { size: number; keys(): Iterable<string>; delete(key: string): boolean },
  max: number,
): void {
  for (const oldest of held.keys()) {
    if (held.size < max) return
    held.delete(oldest)
  }
}
