import { type InfluxQuery, timeText } from './influxql.ts'

/** For InfluxDB 1.x only: 2.x deletes through an endpoint of its own. */
export function deleteQuery(measurement: string, before: number): InfluxQuery {
  return { text: `DELETE FROM "${measurement}" WHERE time < $before`, params: { before: timeText(before) } }
}

/** For InfluxDB 1.x only: one series with the columns `duration` and `default`, for the database asked. */
export const policiesQuery: InfluxQuery = { text: 'SHOW RETENTION POLICIES' }
