import type { RollUp } from '../roll-ups.ts'
import { eachHold, type FilledPiece, filledPieces, type StepAt } from './holds.ts'
import type { JudgedValue } from './judged-value.ts'
import type { Buckets, Piece } from './pieces.ts'
import { RollUpSum } from './roll-up-sum.ts'
import { increaseBetween } from './steps.ts'

/** What the readings of one sensor in one piece add up to; `increase` is between these alone. */
export interface PieceRollUp extends Piece {
  rollUp: RollUp
}

/**
 * Adds up the readings of one sensor piece by piece: the reference that every store's roll-ups agree with. `values` are in order
 * of time, with the last one before the buckets as far as it may still hold.
 */
export function* rollUpReadings(
  values: readonly JudgedValue[],
  buckets: Buckets,
  span: { from?: number; to?: number },
  stepAt: StepAt,
): Generator<PieceRollUp> {
  for (const piece of filledPieces(values, buckets, span)) {
    const { bucket, start, end } = piece
    yield { bucket, start, end, rollUp: rollUpPiece(values, piece, stepAt) }
  }
}

function rollUpPiece(values: readonly JudgedValue[], piece: FilledPiece, stepAt: StepAt): RollUp {
  const sum = new RollUpSum()
  let before: number | undefined
  for (const value of values.slice(piece.beginIndex, piece.endIndex)) {
    const { steps, exclusion, corrected } = value
    if (exclusion !== undefined) {
      sum.exclude(exclusion, corrected)
      continue
    }
    sum.count(value, corrected)
    if (before !== undefined) sum.grow(increaseBetween(before, steps))
    before = steps
  }
  eachHold(values, piece, stepAt, (steps, ms) => sum.addHold(steps, ms))
  return sum.total
}
