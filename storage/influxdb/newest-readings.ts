import { valueStateOf } from '#telemetry/device-state.ts'
import { dayMs, minuteMs } from '#telemetry/durations.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import type { FoundValue, ValuesQuery } from '../newest-values.ts'
import type { StoredReadings } from '../stored-readings.ts'
import type { InfluxConnection } from './connection.ts'
import type { InfluxQuery } from './influxql.ts'
import { newestQuery, newestValuesQuery, recentNewestQuery, sensorsQuery } from './newest-reading-influxql.ts'
import type { Series } from './query-response.ts'
import { readingsOf } from './readings.ts'

/** ms in which most sensors spoke: all are asked for at once there, which takes half the time of asking by their names */
const recentMs = 15 * minuteMs
/** how far back to look for those not yet found, ms: a search opens every shard in its span, and most sensors are in the newest */
const reaches = [2 * dayMs, 40 * dayMs, Number.POSITIVE_INFINITY]
/** sensors in one query */
const maxSensors = 200

/** The newest reading of every sensor of a kind. */
export async function newestReadings(
  connection: InfluxConnection,
  kind: Kind,
  { now, stored }: { now: number; stored: StoredReadings },
): Promise<Reading[]> {
  const [known] = await connection.query(sensorsQuery(kind))
  const newest = new Map<string, Reading>()
  const add = (found: readonly Series[]) => {
    for (const series of found) {
      const [reading] = readingsOf(kind, [series], stored)
      // a sensor that moved to another district has a series in each
      if (reading && reading.ts > (newest.get(reading.sensor)?.ts ?? 0)) newest.set(reading.sensor, reading)
    }
  }
  // a sensor with any reading of these minutes, or of later, has its newest there
  add(await connection.query(recentNewestQuery(kind, now - recentMs)))
  let missing = (known?.values ?? [])
    .map((row) => String(row[known?.columns.indexOf('value') ?? 0]))
    .filter((sensor) => !newest.has(sensor))
  for (const reach of reaches) {
    for (let at = 0; at < missing.length; at += maxSensors) {
      const query = newestQuery(kind, missing.slice(at, at + maxSensors), now - reach)
      add(await connection.query(query))
    }
    missing = missing.filter((sensor) => !newest.has(sensor))
  }
  return [...newest.values()]
}

/** The newest of each value of every sensor in a span; a sensor that moved to another district has several. */
export async function newestValues(
  ask: (query: InfluxQuery) => Promise<Series[]>,
  query: ValuesQuery,
  stored: StoredReadings,
): Promise<FoundValue[]> {
  const found: FoundValue[] = []
  for (const { tags, columns, values } of await ask(newestValuesQuery(query)))
    for (const [ts, held, states] of values) {
      const [sensor, name] = [tags?.sensor ?? '', columns[1] ?? '']
      const value = stored.valueOf(query.kind, name, held, sensor)
      const state = valueStateOf(states, name)
      if (value !== undefined) found.push({ sensor, name, ts: Number(ts), value, ...(state && { state }) })
    }
  return found
}
