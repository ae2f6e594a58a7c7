import type { Exclusion, RollUp } from '../roll-ups.ts'
import { ExactSum } from './exact-sum.ts'
import { fromSteps, toSteps } from './steps.ts'

/** A reading that counts. */
interface Counted {
  ts: number
  steps: number
}

const isBefore = (a: Counted, b: Counted) => a.ts < b.ts || (a.ts === b.ts && a.steps < b.steps)

/** Adds readings, and roll-ups, to one roll-up; their order changes nothing. */
export class RollUpSum {
  #count = 0
  #corrected = 0
  #coveredMs = 0
  #min = Number.POSITIVE_INFINITY
  #max = Number.NEGATIVE_INFINITY
  #first: Counted | undefined
  #last: Counted | undefined
  readonly #sum = new ExactSum()
  readonly #squares = new ExactSum()
  readonly #weighted = new ExactSum()
  readonly #increase = new ExactSum()
  readonly #excluded: Partial<Record<Exclusion, number>> = {}

  /** A reading that counts. */
  count(reading: Counted, corrected: boolean): void {
    const { steps } = reading
    this.#count += 1
    if (corrected) this.#corrected += 1
    this.#sum.add(steps)
    this.#squares.addProduct(steps, steps)
    this.#min = Math.min(this.#min, steps)
    this.#max = Math.max(this.#max, steps)
    this.#span(reading, reading)
  }

  /** A reading that is left out. */
  exclude(exclusion: Exclusion, corrected: boolean, readings = 1): void {
    this.#excluded[exclusion] = (this.#excluded[exclusion] ?? 0) + readings
    if (corrected) this.#corrected += readings
  }

  /** A reading of so many steps holds for so many ms. */
  addHold(steps: number, ms: number): void {
    this.#weighted.addProduct(steps, ms)
    this.#coveredMs += ms
  }

  /** A counter grew by so many steps. */
  grow(steps: number): void {
    this.#increase.add(steps)
  }

  /** All that is in another one; not what a counter grew by in between. */
  add(rollUp: RollUp): void {
    this.#count += rollUp.count
    this.#corrected += rollUp.corrected
    this.#coveredMs += rollUp.coveredMs
    this.#sum.addLarge(rollUp.sum)
    this.#squares.addLarge(rollUp.sumOfSquares)
    this.#weighted.addLarge(rollUp.weighted)
    this.#increase.addLarge(rollUp.increase)
    for (const [exclusion, readings = 0] of Object.entries(rollUp.excluded))
      this.exclude(exclusion as Exclusion, false, readings) // its own keys
    const { min, max, first, last } = rollUp
    if (min !== undefined) this.#min = Math.min(this.#min, toSteps(min))
    if (max !== undefined) this.#max = Math.max(this.#max, toSteps(max))
    // a roll-up without its ends has neither
    if (first && last) this.#span(countedOf(first), countedOf(last))
  }

  #span(first: Counted, last: Counted): void {
    if (!this.#first || isBefore(first, this.#first)) this.#first = first
    if (!this.#last || isBefore(this.#last, last)) this.#last = last
  }

  get total(): RollUp {
    return {
      ...{ count: this.#count, sum: this.#sum.total, sumOfSquares: this.#squares.total },
      ...{ weighted: this.#weighted.total, coveredMs: this.#coveredMs, increase: this.#increase.total },
      ...{ excluded: { ...this.#excluded }, corrected: this.#corrected },
      ...(this.#count > 0 && { min: fromSteps(this.#min), max: fromSteps(this.#max) }),
      ...(this.#first && this.#last && { first: pointOf(this.#first), last: pointOf(this.#last) }),
    }
  }
}

const pointOf = ({ ts, steps }: Counted) => ({ ts, value: fromSteps(steps) })
const countedOf = ({ ts, value }: { ts: number; value: number }): Counted => ({ ts, steps: toSteps(value) })
