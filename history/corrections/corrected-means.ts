import { sensorMeansOf } from '#storage/measured-points.ts'
import type { MeansQuery, QueryContext, SensorMeans, TelemetryStore } from '#storage/store.ts'
import type { CorrectionReader } from './correction-reader.ts'

/** readings of one sensor that means are made of at the most */
const maxReadings = 100_000_000

/** Means of several values of every sensor of a kind, of readings as they count: made by the store where nothing was decided about them. */
export async function correctedMeans(
  store: Pick<TelemetryStore, 'means' | 'readings'>,
  query: MeansQuery,
  reader: CorrectionReader,
  context?: QueryContext,
): Promise<SensorMeans[]> {
  const { kind, from, to } = query
  const [means, corrected] = await Promise.all([
    store.means(query, context),
    reader.within(kind, { from, to }, context),
  ])
  const found = means.filter(({ sensor }) => !corrected.has(sensor))
  for (const [sensor, corrections] of corrected) {
    const pages = store.readings({ kind, sensor, from, to, limit: maxReadings }, context)
    async function* counting() {
      for await (const page of pages) yield page.map((reading) => corrections.correctReading(reading))
    }
    found.push(...(await sensorMeansOf(counting(), query)))
  }
  return found
}
