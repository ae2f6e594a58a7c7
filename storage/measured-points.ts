import { measuredValuesOf } from '#telemetry/measured-values.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { Aggregate } from '#telemetry/rest.ts'
import { phaseOf } from './bucket-phase.ts'
import type { BucketQuery, MeansQuery, Point, SensorMeans } from './store.ts'

// For stores that cannot leave out of an aggregate the values that were not being measured.

type Values = readonly [number, ...number[]]
const sum = (values: Values) => values.reduce((total, value) => total + value, 0)
/** of values in order: the one of the nearest rank */
const ofRank = (values: Values, share: number) =>
  values[Math.max(0, Math.floor(values.length * share + 0.5) - 1)] ?? values[0]

const aggregates = {
  mean: (values) => sum(values) / values.length,
  min: (values) => values.reduce((least, value) => Math.min(least, value)),
  max: (values) => values.reduce((most, value) => Math.max(most, value)),
  count: (values) => values.length,
  p50: (values) => ofRank(inOrder(values), 0.5),
  p95: (values) => ofRank(inOrder(values), 0.95),
} as const satisfies Record<Aggregate, (values: Values) => number>

const inOrder = (values: Values) => values.toSorted((a, b) => a - b) as unknown as Values // as many as before

/** Aggregates of the points of a history that were being measured, as `buckets` of a store gives them. */
export async function bucketsOf(
  points: AsyncIterable<readonly Point[]>,
  { window, origin = 0, fn, limit }: BucketQuery,
): Promise<Point[]> {
  const phase = phaseOf(origin, window)
  const buckets = new Map<number, [number, ...number[]]>()
  for await (const page of points)
    for (const { ts, value, state } of page) {
      if (state !== undefined || typeof value !== 'number') continue
      const bucket = ts - ((ts - phase) % window)
      const held = buckets.get(bucket)
      if (held) held.push(value)
      else if (buckets.size < limit) buckets.set(bucket, [value])
    }
  return [...buckets].map(([ts, values]) => ({ ts, value: aggregates[fn](values) }))
}

/** Means of what was being measured of readings, as `means` of a store gives them. */
export async function sensorMeansOf(
  pages: AsyncIterable<readonly Reading[]>,
  { values: names, window }: MeansQuery,
): Promise<SensorMeans[]> {
  const buckets = new Map<string, { sensor: string; ts: number; sums: Map<string, { sum: number; count: number }> }>()
  for await (const page of pages)
    for (const reading of page) {
      const { sensor } = reading
      const ts = reading.ts - (reading.ts % window)
      const key = `${sensor} ${ts}`
      const bucket = buckets.get(key) ?? { sensor, ts, sums: new Map() }
      buckets.set(key, bucket)
      const measured = measuredValuesOf(reading)
      for (const name of names) {
        const value = measured[name]
        if (typeof value !== 'number') continue
        const held = bucket.sums.get(name) ?? { sum: 0, count: 0 }
        bucket.sums.set(name, { sum: held.sum + value, count: held.count + 1 })
      }
    }
  return [...buckets.values()].map(({ sensor, ts, sums }) => ({
    ...{ sensor, ts },
    values: Object.fromEntries([...sums].map(([name, { sum, count }]) => [name, { mean: sum / count, count }])),
  }))
}
