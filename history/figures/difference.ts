import { toSteps } from '#storage/roll-up/steps.ts'
import { stepsPerUnit } from '#storage/roll-ups.ts'

/** How much one value is more than another, to the step of sums: 48.2 less 45 is 3.2. */
export function difference(more: number, less: number): number {
  return (toSteps(more) - toSteps(less)) / stepsPerUnit
}
