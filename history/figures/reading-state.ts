import { type Exclusion, exclusions, type RollUp } from '#storage/roll-ups.ts'

/** What becomes of readings that a figure does not take as they were measured: how many values, and why. */
export interface ReadingState {
  /** values that a person's correction changed or left out; absent: none */
  corrected?: number | undefined
  /** values left out, by why; absent: none */
  excluded?: Partial<Record<Exclusion, number>> | undefined
}

/** Values of each hour (or other bucket) that were corrected, and left out by why. */
export class StateCounts {
  readonly #corrected: Uint32Array
  readonly #excluded = new Map<Exclusion, Uint32Array>()

  /** @param length number of buckets */
  constructor(length: number) {
    this.#corrected = new Uint32Array(length)
  }

  /** Adds what is known of some values in bucket `at`. */
  add(at: number, { corrected, excluded }: Pick<RollUp, 'corrected' | 'excluded'>): void {
    if (corrected > 0) this.#corrected[at] = (this.#corrected[at] ?? 0) + corrected
    for (const why of exclusions) {
      const count = excluded[why]
      if (count) addTo(this.#countsOf(why), at, count)
    }
  }

  /** Adds another's counts of the buckets that fulfil a condition. */
  addAll(other: StateCounts, isIn: (at: number) => boolean): void {
    for (const [at, count] of other.#corrected.entries()) if (count > 0 && isIn(at)) addTo(this.#corrected, at, count)
    for (const [why, counts] of other.#excluded)
      for (const [at, count] of counts.entries()) if (count > 0 && isIn(at)) addTo(this.#countsOf(why), at, count)
  }

  #countsOf(why: Exclusion): Uint32Array {
    const counts = this.#excluded.get(why) ?? new Uint32Array(this.#corrected.length)
    this.#excluded.set(why, counts)
    return counts
  }

  /** Of the buckets from `first` up to, not including, `last`. */
  between(first: number, last: number): ReadingState {
    const sumOf = (counts: Uint32Array) => counts.subarray(first, last).reduce((sum, count) => sum + count, 0)
    const excluded = [...this.#excluded].map(([why, counts]) => [why, sumOf(counts)] as const)
    return stateOf(sumOf(this.#corrected), Object.fromEntries(excluded))
  }
}

function addTo(counts: Uint32Array, at: number, count: number): void {
  counts[at] = (counts[at] ?? 0) + count
}

function stateOf(corrected: number, excluded: Partial<Record<Exclusion, number>>): ReadingState {
  const held = Object.fromEntries(Object.entries(excluded).filter(([, count]) => count > 0))
  return {
    ...(corrected > 0 ? { corrected } : {}),
    ...(Object.keys(held).length > 0 ? { excluded: held } : {}),
  }
}

/** The states of several sensors together. */
export function addStates(states: readonly ReadingState[]): ReadingState {
  const excluded: Partial<Record<Exclusion, number>> = {}
  let corrected = 0
  for (const state of states) {
    corrected += state.corrected ?? 0
    for (const why of exclusions) excluded[why] = (excluded[why] ?? 0) + (state.excluded?.[why] ?? 0)
  }
  return stateOf(corrected, excluded)
}
