import { fromSteps, meanOf, timeWeightedMeanOf } from '#storage/roll-up/steps.ts'
import type { RollUp } from '#storage/roll-ups.ts'
import type { FigureFunction, HistoryFigure } from '#telemetry/history-question.ts'
import { percentileShares } from '#telemetry/history-question.ts'
import type { Expected } from './expectation.ts'

/** The functions that are percentiles, in the order in which a store is asked for them. */
export const percentileNames = Object.keys(percentileShares) as (keyof typeof percentileShares)[] // Object.keys forgets the key type
/** the same as shares */
export const allPercentileShares = percentileNames.map((name) => percentileShares[name])

/** What of a roll-up figures are made of. */
export type Sums = Omit<RollUp, 'sumOfSquares' | 'first' | 'last'>

/** What a store gives of one bucket of one group. */
export interface Cell {
  /** absent where no reading holds the value */
  rollUp?: Sums
  /** by {@link percentileNames} */
  percentiles?: readonly number[]
  above?: { aboveMs: number; coveredMs: number }
}

/** Numbers of one bucket without its times. */
export type Figures = Omit<HistoryFigure, 'from' | 'to' | 'weekday' | 'hour' | 'compared'>

const figureOf: Record<FigureFunction, (cell: Cell) => number | undefined> = {
  mean: ({ rollUp }) => rollUp && meanOf(rollUp),
  timeWeightedMean: ({ rollUp }) => rollUp && timeWeightedMeanOf(rollUp),
  min: ({ rollUp }) => rollUp?.min,
  max: ({ rollUp }) => rollUp?.max,
  sum: ({ rollUp }) => (rollUp?.count ? fromSteps(rollUp.sum) : undefined),
  count: ({ rollUp }) => rollUp?.count ?? 0,
  p50: ({ percentiles }) => percentiles?.[percentileNames.indexOf('p50')],
  p85: ({ percentiles }) => percentiles?.[percentileNames.indexOf('p85')],
  p95: ({ percentiles }) => percentiles?.[percentileNames.indexOf('p95')],
  increase: ({ rollUp }) => (rollUp?.count ? fromSteps(rollUp.increase) : undefined),
  shareAbove: ({ above }) => (above?.coveredMs ? above.aboveMs / above.coveredMs : undefined),
}

/** A share of what was to be expected: at most 1, and null where nothing was. */
const shareOf = (part: number, whole: number) => (whole <= 0 ? null : Math.min(1, part / whole))

const noStates: Figures['states'] = {}

/** The share of each reason among all readings of a bucket, those that count included. */
function statesOf({ count, excluded }: Pick<Sums, 'count' | 'excluded'>): Figures['states'] {
  let all = count
  for (const readings of Object.values(excluded)) all += readings
  if (all === count) return noStates
  const reasons = Object.entries(excluded).filter(([, readings]) => readings > 0)
  return Object.fromEntries(reasons.map(([why, readings]) => [why, readings / all]))
}

/** The figures of a bucket, behind its times: thousands of an answer, so none is copied. */
export function figuresOf<Times extends object>(
  times: Times,
  functions: readonly FigureFunction[],
  cell: Cell,
  { expected, isOpen }: { expected: Expected; isOpen: boolean },
): Times & Figures {
  const { rollUp } = cell
  // where the bucket begins and ends makes one reading more or less
  const readings = expected.readings >= 1 ? Math.floor(expected.readings + 1e-6) : expected.ms > 0 ? 1 : 0
  const figures = times as Times & Figures // all of it follows
  for (const name of functions) (figures as Figures)[name] = figureOf[name](cell) ?? null
  figures.coverage = {
    readings: shareOf(rollUp?.count ?? 0, readings),
    time: shareOf(rollUp?.coveredMs ?? 0, expected.ms),
  }
  figures.states = rollUp ? statesOf(rollUp) : noStates
  figures.corrected = rollUp?.corrected ?? 0
  figures.open = isOpen
  if (expected.isSimulated) figures.simulated = true
  return figures
}
