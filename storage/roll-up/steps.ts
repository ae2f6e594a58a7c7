import { stepsPerUnit } from '../roll-ups.ts'

/**
 * A number as whole steps, half a step away from zero; SQL's `round(value * 1000000)` gives the same. So sums are sums of whole
 * numbers: exact in whatever order they are added.
 */
export function toSteps(value: number): number {
  const steps = Math.round(Math.abs(value) * stepsPerUnit)
  return value < 0 && steps !== 0 ? -steps : steps
}

/** Whole steps as a number in the value's unit. */
export function fromSteps(steps: number | bigint): number {
  return Number(steps) / stepsPerUnit
}

/** The mean in the value's unit; undefined of none. Everybody who shows a mean takes it from here, so that all agree to the digit. */
export function meanOf({ sum, count }: { sum: bigint; count: number }): number | undefined {
  return count === 0 ? undefined : Number(sum) / count / stepsPerUnit
}

/** The mean in the value's unit in which each reading weighs as long as it holds; undefined when none holds. */
export function timeWeightedMeanOf({
  weighted,
  coveredMs,
}: {
  weighted: bigint
  coveredMs: number
}): number | undefined {
  return coveredMs === 0 ? undefined : Number(weighted) / coveredMs / stepsPerUnit
}

/** What a counter grew by, from one reading (steps) to the next: a smaller one began anew at 0. */
export function increaseBetween(before: number, after: number): number {
  return after < before ? after : after - before
}
