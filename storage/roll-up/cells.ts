import type { RollUpCell } from '../roll-ups.ts'
import type { Buckets } from './pieces.ts'
import type { PieceRollUp } from './roll-up-readings.ts'
import { RollUpSum } from './roll-up-sum.ts'
import { increaseBetween, toSteps } from './steps.ts'

/** Puts the pieces of sensors together to cells, one per group and bucket. */
export class Cells {
  readonly #buckets: Buckets
  readonly #sums = new Map<number, Map<number, RollUpSum>>()

  constructor(buckets: Buckets) {
    this.#buckets = buckets
  }

  /**
   * Adds the pieces of one sensor in one group, in order of time. A counter grew from piece to piece too, and from `before` (in
   * the value's unit), its last reading that counts before the first of them.
   */
  add(group: number, pieces: Iterable<Omit<PieceRollUp, 'start' | 'end'>>, before: number | undefined): void {
    let last = before === undefined ? undefined : toSteps(before)
    for (const { bucket, rollUp } of pieces) {
      const sum = this.#sumOf(group, bucket)
      sum.add(rollUp)
      if (!rollUp.first || !rollUp.last) continue
      if (last !== undefined) sum.grow(increaseBetween(last, toSteps(rollUp.first.value)))
      last = toSteps(rollUp.last.value)
    }
  }

  #sumOf(group: number, bucket: number): RollUpSum {
    const sums = this.#sums.get(group) ?? new Map<number, RollUpSum>()
    this.#sums.set(group, sums)
    const sum = sums.get(bucket) ?? new RollUpSum()
    sums.set(bucket, sum)
    return sum
  }

  /** By group, then by time. */
  get all(): RollUpCell[] {
    const inOrder = <Of>(map: ReadonlyMap<number, Of>) => [...map].toSorted(([a], [b]) => a - b)
    return inOrder(this.#sums).flatMap(([group, sums]) =>
      inOrder(sums).map(([bucket, sum]) => ({ group, start: this.#buckets.startOf(bucket), ...sum.total })),
    )
  }
}
