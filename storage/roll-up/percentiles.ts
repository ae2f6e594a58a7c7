import { fromSteps } from './steps.ts'

/**
 * The value at a share (0 to 1) of sorted values (steps), in the value's unit: linear interpolation between the closest ranks, as
 * Excel's PERCENTILE.INC and method 7 of Hyndman and Fan (1996). NaN of none.
 */
export function percentileOf(sorted: ArrayLike<number>, share: number): number {
  const rank = share * (sorted.length - 1)
  const below = sorted[Math.floor(rank)] ?? Number.NaN
  const above = sorted[Math.ceil(rank)] ?? Number.NaN
  return fromSteps(below + (above - below) * (rank - Math.floor(rank)))
}
