import type { Buckets } from '../../roll-up/pieces.ts'
import { type PieceRollUp, rollUpReadings } from '../../roll-up/roll-up-readings.ts'
import type { SensorValues } from '../../roll-up/sensor-values.ts'
import type { Span } from '../../roll-up/spans.ts'
import { fromSteps } from '../../roll-up/steps.ts'
import { increaseLookbackMs, type Member, type RollUp } from '../../roll-ups.ts'

/** A roll-up that was kept, of a whole hour or day. */
export interface KeptPiece extends Span {
  rollUp: RollUp
}

/** What one sensor measured, partly rolled up already. */
export class SensorTimeline {
  readonly #kept: KeptPiece[] = []
  readonly #read: { span: Span; found: SensorValues }[] = []

  /** Adds a roll-up that was kept. */
  addKept(piece: KeptPiece): void {
    this.#kept.push(piece)
  }

  /** Adds the readings of some hours, with those before that may still hold. */
  read(span: Span, found: SensorValues): void {
    this.#read.push({ span, found })
  }

  /** What belongs to a member, in order of time. */
  piecesOf(
    { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: Member,
    buckets: Buckets,
  ): PieceRollUp[] {
    const kept = this.#kept
      .filter((piece) => piece.from >= from && piece.to <= to)
      .map((piece) => ({
        bucket: buckets.bucketAt(piece.from),
        start: piece.from,
        end: piece.to,
        rollUp: piece.rollUp,
      }))
    const read = this.#read.flatMap(({ span, found: { values, stepAt } }) => {
      const own = { from: Math.max(span.from, from), to: Math.min(span.to, to) }
      return [...rollUpReadings(values, buckets, own, stepAt)]
    })
    return [...kept, ...read].toSorted((a, b) => a.start - b.start)
  }

  /** The last value that counts before a time, as far as it is known here, in the value's unit. */
  valueBefore(ts: number, buckets: Buckets): number | undefined {
    const earliest = buckets.from - increaseLookbackMs
    const kept = this.#kept.flatMap(({ to, rollUp: { last } }) => (to <= ts && last ? [last] : []))
    const read = this.#read.flatMap(({ found: { values } }) => {
      const last = values.findLast((value) => value.ts < ts && value.exclusion === undefined)
      return last && last.ts >= earliest ? [{ ts: last.ts, value: fromSteps(last.steps) }] : []
    })
    return [...kept, ...read].reduce<RollUp['last']>((a, b) => (a && a.ts > b.ts ? a : b), undefined)?.value
  }
}
