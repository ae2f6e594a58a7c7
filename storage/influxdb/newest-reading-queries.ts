import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { NewestReading, Reading } from '#telemetry/reading.ts'
import { withOlderValues } from '../newest-values.ts'
import type { TelemetryStore } from '../store.ts'
import type { StoredReadings } from '../stored-readings.ts'
import type { InfluxQuery } from './influxql.ts'
import { newestInSpanQuery } from './newest-reading-influxql.ts'
import { newestReadings, newestValues } from './newest-readings.ts'
import type { Series } from './query-response.ts'
import { readingsOf } from './readings.ts'
import type { InfluxSession } from './session.ts'

/** The newest of each sensor: one that moved to another district has a series in each. */
function newestOfEach(readings: readonly Reading[]): Reading[] {
  const newest = new Map<string, Reading>()
  for (const reading of readings)
    if (reading.ts > (newest.get(reading.sensor)?.ts ?? 0)) newest.set(reading.sensor, reading)
  return [...newest.values()]
}

/** How the newest readings of sensors are read from InfluxDB. */
export function newestReadingQueries(
  session: InfluxSession,
  stored: StoredReadings,
): Pick<TelemetryStore, 'latest' | 'newest' | 'newestAhead'> {
  /** Newest readings of a kind with the newest of each value. */
  const complete = (kind: Kind, readings: readonly Reading[], query: (query: InfluxQuery) => Promise<Series[]>) =>
    withOlderValues(
      kind,
      readings,
      (values) => newestValues(query, values, stored),
      (sensors) => stored.withoutOlder(kind, sensors),
    )
  return {
    latest: () =>
      session.use(async (connection) => {
        const all: NewestReading[] = []
        for (const kind of kinds) {
          const readings = await newestReadings(connection, kind, { now: Date.now(), stored })
          all.push(...(await complete(kind, readings, (query) => connection.query(query))))
        }
        return all
      }),
    async newest(span, context) {
      const found = readingsOf(span.kind, await session.query(newestInSpanQuery(span), context), stored)
      return complete(span.kind, newestOfEach(found), (query) => session.query(query, context))
    },
    async newestAhead(span) {
      return newestOfEach(readingsOf(span.kind, await session.query(newestInSpanQuery(span, 'ahead')), stored))
    },
  }
}
