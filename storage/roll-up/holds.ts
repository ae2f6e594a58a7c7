import { stalePeriods } from '#telemetry/period.ts'
import type { JudgedValue } from './judged-value.ts'
import type { Buckets, Piece } from './pieces.ts'

/** A piece and the readings of one sensor in it: those of `values` from `begin` to before `end`. */
export interface FilledPiece extends Piece {
  beginIndex: number
  endIndex: number
}

/** The pieces that have readings of their own; `values` are one sensor's in order of time. */
export function* filledPieces(
  values: readonly JudgedValue[],
  buckets: Buckets,
  span: { from?: number; to?: number },
): Generator<FilledPiece> {
  let current: FilledPiece | undefined
  for (const [index, { ts }] of values.entries()) {
    if (current && ts < current.end) {
      current.endIndex = index + 1
      continue
    }
    if (current) yield current
    const piece = buckets.pieceAt(ts, span)
    current = piece && { ...piece, beginIndex: index, endIndex: index + 1 }
  }
  if (current) yield current
}

/** ms between two readings of the sensor by what was in force at a time (epoch ms) */
export type StepAt = (ts: number) => number

/**
 * For how long which readings hold within a piece: each that counts until the next one, counting or not, at most three steps; the
 * one before the piece too. `each` is called with those that hold at all.
 */
export function eachHold(
  values: readonly JudgedValue[],
  { start, end, beginIndex, endIndex }: FilledPiece,
  stepAt: StepAt,
  each: (steps: number, ms: number) => void,
): void {
  for (let index = Math.max(beginIndex - 1, 0); index < endIndex; index++) {
    const value = values[index]
    if (!value || value.exclusion !== undefined) continue
    const { ts, steps } = value
    const next = values[index + 1]?.ts ?? Number.POSITIVE_INFINITY
    const ms = Math.min(next, ts + stalePeriods * stepAt(ts), end) - Math.max(ts, start)
    if (ms > 0) each(steps, ms)
  }
}
