import { type InfluxQuery, timeText } from './influxql.ts'

/** A series when the measurement has a point before this time (epoch ms), none otherwise. */
export function olderQuery(measurement: string, before: number): InfluxQuery {
  return { text: `SELECT * FROM "${measurement}" WHERE time < $before LIMIT 1`, params: { before: timeText(before) } }
}

/** For InfluxDB 1.x only: 2.x deletes through an endpoint of its own. */
export function deleteQuery(measurement: string, before: number): InfluxQuery {
  return { text: `DELETE FROM "${measurement}" WHERE time < $before`, params: { before: timeText(before) } }
}

/** For InfluxDB 1.x only: one series with the columns `duration` and `default`, for the database asked. */
export const policiesQuery: InfluxQuery = { text: 'SHOW RETENTION POLICIES' }
