import { type Exclusion, exclusions } from '#storage/roll-ups.ts'
import type { Expected } from './expectation.ts'
import type { Cell, Sums } from './figures.ts'

/** What is known of one hour, or of the same hour of several weeks together. */
export interface KnownHour {
  cell: Cell
  expected: Expected
  isOpen: boolean
}

/** Adds up hours: all they hold but percentiles. */
class HourSum {
  readonly #sums = {
    ...{ count: 0, sum: 0n, weighted: 0n, coveredMs: 0, increase: 0n, corrected: 0 },
    ...{ min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY },
    excluded: {} as Partial<Record<Exclusion, number>>,
  }
  readonly #above = { aboveMs: 0, coveredMs: 0 }
  readonly #expected: Expected = { readings: 0, ms: 0, isSimulated: false }
  #isOpen = false

  add({ cell: { rollUp, above }, expected, isOpen }: KnownHour): void {
    if (rollUp) this.#addSums(rollUp)
    this.#above.aboveMs += above?.aboveMs ?? 0
    this.#above.coveredMs += above?.coveredMs ?? 0
    this.#expected.readings += expected.readings
    this.#expected.ms += expected.ms
    this.#expected.isSimulated ||= expected.isSimulated
    this.#isOpen ||= isOpen
  }

  #addSums({ count, sum, weighted, coveredMs, increase, corrected, min, max, excluded }: Sums): void {
    const sums = this.#sums
    sums.count += count
    sums.sum += sum
    sums.weighted += weighted
    sums.coveredMs += coveredMs
    sums.increase += increase
    sums.corrected += corrected
    if (min !== undefined) sums.min = Math.min(sums.min, min)
    if (max !== undefined) sums.max = Math.max(sums.max, max)
    for (const why of exclusions) if (excluded[why]) sums.excluded[why] = (sums.excluded[why] ?? 0) + excluded[why]
  }

  get total(): KnownHour {
    const { min, max, ...sums } = this.#sums
    const rollUp = sums.count > 0 ? { ...sums, min, max } : sums
    return { cell: { rollUp, above: this.#above }, expected: this.#expected, isOpen: this.#isOpen }
  }
}

/** The weeks of a span laid upon one another: what each hour of each weekday adds up to. */
export class WeekProfile {
  /** Monday 0 h first */
  readonly #hours = new Map<number, HourSum>()

  add({ weekday, hour }: { weekday: number; hour: number }, known: KnownHour): void {
    const index = (weekday - 1) * 24 + hour
    const sum = this.#hours.get(index) ?? new HourSum()
    this.#hours.set(index, sum)
    sum.add(known)
  }

  /** Those hours of the week that were added; undefined for one that was not. */
  at({ weekday, hour }: { weekday: number; hour: number }): KnownHour | undefined {
    return this.#hours.get((weekday - 1) * 24 + hour)?.total
  }
}
