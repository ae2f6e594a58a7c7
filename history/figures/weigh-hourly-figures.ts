import type { TelemetryStore } from '#storage/store.ts'
import { maxBuckets } from '../question/plan.ts'
import { edgesOf, spanOf } from '../time-buckets.ts'
import type { HourGrid } from './hour-grid.ts'
import type { HourlyFiguresPlan } from './plan-hourly-figures.ts'
import { checkWeight, weighQueries } from './weigh-figures.ts'

/**
 * Readings and roll-ups of hours that the figures of one answer may stand on: fewer than of others ({@link checkWeight}), for each
 * becomes a mean that is looked at again.
 */
export const mostLookedAt = 2_000_000

/** readings of an hour that is looked at reading by reading, about */
const readingsOfHour = 60

/** What figures stand on. */
export interface WeighedParts {
  /** names of the values that they are of */
  values: readonly [string, ...string[]]
  /** hours that are looked at reading by reading besides, at most; absent: none */
  mostRead?: number
}

/**
 * How many readings and roll-ups of hours figures will look at, about.
 * @throws QuestionRefusal when they are too many, with the span that would do
 */
export async function weighHourlyFigures(
  store: Pick<TelemetryStore, 'weigh'>,
  { kind, membership: { members } }: HourlyFiguresPlan,
  { hours }: HourGrid,
  { values, mostRead = 0 }: WeighedParts,
): Promise<number> {
  const parts = Array.from({ length: Math.ceil(hours.length / maxBuckets) }, (_, at) =>
    hours.slice(at * maxBuckets, (at + 1) * maxBuckets),
  )
  const queries = parts.map((part) => ({ kind, value: values[0], members, edges: edgesOf(part) }))
  const looked = await weighQueries(store, queries)
  const weight = looked * values.length
  checkWeight(weight, spanOf(hours), mostLookedAt)
  return weight + Math.min(mostRead, looked) * readingsOfHour
}
