import { randomUUID } from 'node:crypto'
import type { TelemetryStore } from '#storage/store.ts'

/** How long a lease is good for its holder, and how long others leave it to one who is silent (ms): the second is longer. */
export interface LeaseTimes {
  /** the holder writes again after so long */
  renewMs: number
  /** the holder does nothing any more that long after it last wrote */
  holdMs: number
  /** others hold a lease for given up when nothing was written for so long since they first saw it */
  takeOverMs: number
}

const defaultTimes: LeaseTimes = { renewMs: 10_000, holdMs: 25_000, takeOverMs: 45_000 }

export interface UpkeepLeaseOptions {
  store: Pick<TelemetryStore, 'putDocument' | 'readDocuments' | 'removeDocument'>
  times?: LeaseTimes
  /** ms that have passed since some moment */
  elapsed?: () => number
  /** epoch ms; only how much of it passes counts, for a machine that sleeps does not count what has passed */
  wall?: () => number
}

/**
 * Of several processes that write to one store, one does the upkeep of the roll-ups: the one that has written the lease, a document
 * for each candidate. Who finds another's document that is being written again stands by. Two who begin at once both see the other and
 * try again later. No clock of one machine is compared with another's. Not a lock: the upkeep is idempotent, this saves doing it twice,
 * and keeps an old sum from being written over a newer one.
 */
export class UpkeepLease {
  readonly #store: UpkeepLeaseOptions['store']
  readonly #times: LeaseTimes
  readonly #elapsed: () => number
  readonly #wall: () => number
  readonly #id = randomUUID()
  /** what others wrote last, and when that was first seen here */
  readonly #others = new Map<string, { written: string; seenAt: number }>()
  #writes = 0
  #writtenAt: { elapsed: number; wall: number } | undefined

  constructor({ store, times = defaultTimes, elapsed = () => performance.now(), wall = Date.now }: UpkeepLeaseOptions) {
    this.#store = store
    this.#times = times
    this.#elapsed = elapsed
    this.#wall = wall
  }

  /** Whether this process does the upkeep for the next moments: asks for the lease, or renews it. */
  async acquire(): Promise<boolean> {
    const age = this.#age()
    if (age <= this.#times.renewMs) return true
    if (age <= this.#times.holdMs) {
      await this.#write()
      return this.#age() <= this.#times.holdMs
    }
    this.#writtenAt = undefined
    if ((await this.#living()) > 0) return false
    await this.#write()
    if ((await this.#living()) > 0) {
      await this.release()
      return false
    }
    // who was silent for long enough is not looked at again
    for (const id of this.#others.keys()) await this.#store.removeDocument('upkeep-lease', id)
    return this.#age() <= this.#times.holdMs
  }

  /** Gives it up, so that another can begin at once. */
  async release(): Promise<void> {
    if (!this.#writtenAt) return
    this.#writtenAt = undefined
    await this.#store.removeDocument('upkeep-lease', this.#id)
  }

  /** ms since it was written last, by the clock on which more has passed. */
  #age(): number {
    if (!this.#writtenAt) return Number.POSITIVE_INFINITY
    const { elapsed, wall } = this.#writtenAt
    return Math.max(this.#elapsed() - elapsed, Math.abs(this.#wall() - wall))
  }

  async #write(): Promise<void> {
    const at = { elapsed: this.#elapsed(), wall: this.#wall() }
    await this.#store.putDocument('upkeep-lease', { id: this.#id, body: { writes: ++this.#writes } })
    this.#writtenAt = at
  }

  /** How many others have written not long ago, as far as can be seen from here. What is left of an own lease that was lost is removed. */
  async #living(): Promise<number> {
    const now = this.#elapsed()
    const all = await this.#store.readDocuments('upkeep-lease')
    const documents = all.filter(({ id }) => id !== this.#id)
    if (!this.#writtenAt && documents.length < all.length) await this.#store.removeDocument('upkeep-lease', this.#id)
    const there = new Set(documents.map(({ id }) => id))
    for (const id of this.#others.keys()) if (!there.has(id)) this.#others.delete(id)
    for (const { id, body } of documents) {
      const written = JSON.stringify(body)
      if (this.#others.get(id)?.written !== written) this.#others.set(id, { written, seenAt: now })
    }
    return [...this.#others.values()].filter(({ seenAt }) => now - seenAt < this.#times.takeOverMs).length
  }
}
