import type { Quarantined } from '#telemetry/quarantine-rest.ts'
import type { Refusal } from '../decode/refusal.ts'
import { type RunningStoreParts, type StoreOptions, withRunningStore } from '../ingest-store.ts'
import { appendEntries } from './append-entries.ts'
import type { Quarantine } from './quarantine.ts'

/** Entries that were chosen at once; selections are numbered in their order. */
interface Selection {
  number: number
  entries: readonly Quarantined[]
}

/**
 * Puts refusals into quarantine, several at once if need be, and knows up to which selection all is told: kept, or counted by an
 * entry that is kept. Entries that could not be kept are tried again before any others, for nobody else may know of them: what
 * they count was refused in other writes too.
 */
export class RefusalWriter {
  readonly #quarantine: Quarantine
  readonly #options: RunningStoreParts
  #last = 0
  #reported = 0
  /** selections that are not kept yet: at most as many as there are writes at once */
  readonly #open = new Set<number>()
  /** selections behind which nothing was left to be told, oldest first: at most one more than are open */
  readonly #whole: number[] = []
  #failed: Selection[] = []

  constructor(quarantine: Quarantine, options: StoreOptions) {
    this.#quarantine = quarantine
    this.#options = withRunningStore(options)
  }

  /** Stores what the quarantine has room for; returns the number of the selection, for {@link isOverflowReported}. Rejects as `appendEntries`. */
  async write(refusals: readonly Refusal[]): Promise<number> {
    await this.#retryFailed()
    return this.#writeSelection(this.#quarantine.select(refusals, this.#quarantine.clock.now()))
  }

  /** Stores the counts of what the quarantine had no room for, when they are due; at the end all of them. */
  async reportOverflow({ isEnd = false } = {}): Promise<void> {
    await this.#retryFailed()
    await this.#writeSelection(
      isEnd ? this.#quarantine.drainOverflow() : this.#quarantine.select([], this.#quarantine.clock.now()),
    )
  }

  /** Whether everything refused up to this selection (without one: so far) is in the store, as an entry or counted by one. */
  isOverflowReported(selection = this.#last): boolean {
    return selection <= this.#reported
  }

  async #writeSelection(entries: readonly Quarantined[]): Promise<number> {
    const number = ++this.#last
    if (this.#quarantine.isOverflowReported) this.#addWhole(number)
    if (entries.length > 0) {
      this.#open.add(number)
      await this.#store({ number, entries })
    }
    this.#settle()
    return number
  }

  async #store(selection: Selection): Promise<void> {
    try {
      await appendEntries(selection.entries, this.#quarantine, this.#options)
      this.#open.delete(selection.number)
    } catch (error) {
      this.#failed.push(selection)
      throw error
    }
  }

  async #retryFailed(): Promise<void> {
    const failed = this.#failed
    this.#failed = []
    for (let next = failed.shift(); next; next = failed.shift())
      await this.#store(next).catch((error: unknown) => {
        this.#failed.push(...failed.splice(0))
        throw error
      })
    this.#settle()
  }

  #addWhole(number: number): void {
    const before = this.#whole.at(-1)
    // both are reported at the same time: the later one replaces the earlier
    if (before !== undefined && ![...this.#open].some((open) => open > before)) this.#whole.pop()
    this.#whole.push(number)
  }

  #settle(): void {
    const firstOpen = Math.min(...this.#open)
    for (let next = this.#whole[0]; next !== undefined && next < firstOpen; next = this.#whole[0]) {
      this.#reported = next
      this.#whole.shift()
    }
  }
}
