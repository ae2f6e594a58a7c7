import type { TelemetryStore } from '#storage/store.ts'
import { dayMs } from '#telemetry/durations.ts'
import { QuestionRefusal } from '../question/refusal.ts'
import type { HourGrid } from './hour-grid.ts'
import type { HourlyFiguresPlan } from './plan-hourly-figures.ts'
import { weighQueries } from './weigh-figures.ts'

/** Readings and roll-ups of hours that the figures of one answer may stand on: each becomes a mean that is looked at again. */
export const mostLookedAt = 2_000_000

/** Buckets that the store takes in one question. */
const mostBuckets = 20_000

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
  const parts = Array.from({ length: Math.ceil(hours.length / mostBuckets) }, (_, at) =>
    hours.slice(at * mostBuckets, (at + 1) * mostBuckets),
  )
  const queries = parts.map((part) => ({
    ...{ kind, value: values[0], members },
    edges: [...part.map(({ start }) => start), part.at(-1)?.end ?? 0],
  }))
  const looked = await weighQueries(store, queries)
  const weight = looked * values.length
  if (weight <= mostLookedAt) return weight + Math.min(mostRead, looked) * readingsOfHour
  const spanMs = (hours.at(-1)?.end ?? 0) - (hours[0]?.start ?? 0)
  const days = Math.floor((spanMs / dayMs) * (mostLookedAt / weight))
  throw new QuestionRefusal('TOO_MUCH_ASKED', {
    code: 'TOO_MANY_READINGS_ASKED',
    params: { readings: weight, most: mostLookedAt, ...(days >= 1 && { days }) },
  })
}
