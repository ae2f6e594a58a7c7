import { RollUpSum } from '#storage/roll-up/roll-up-sum.ts'
import type { Expected } from './expectation.ts'
import type { Cell } from './figures.ts'

/** What is known of one hour, or of the same hour of several weeks together. */
export interface KnownHour {
  cell: Cell
  expected: Expected
  isOpen: boolean
}

/** Adds up hours: all they hold but percentiles. */
class HourSum {
  readonly #rollUp = new RollUpSum()
  readonly #above = { aboveMs: 0, coveredMs: 0 }
  readonly #expected: Expected = { readings: 0, ms: 0, isSimulated: false }
  #isOpen = false

  add({ cell: { rollUp, above }, expected, isOpen }: KnownHour): void {
    if (rollUp) this.#rollUp.add(rollUp)
    this.#above.aboveMs += above?.aboveMs ?? 0
    this.#above.coveredMs += above?.coveredMs ?? 0
    this.#expected.readings += expected.readings
    this.#expected.ms += expected.ms
    this.#expected.isSimulated ||= expected.isSimulated
    this.#isOpen ||= isOpen
  }

  get total(): KnownHour {
    const cell = { rollUp: this.#rollUp.total, above: this.#above }
    return { cell, expected: this.#expected, isOpen: this.#isOpen }
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
