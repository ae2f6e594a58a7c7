import type { Kind } from '#telemetry/kinds.ts'
import type { InfluxQuery } from './influxql.ts'
import type { Series } from './query-response.ts'
import { identitiesQuery } from './reading-influxql.ts'
import { pagesByTime } from './time-pagination.ts'

/** points of one page */
const pageSize = 50_000

function rowsOf(series: readonly Series[]): { sensor: string; ts: number }[] {
  return series.flatMap(({ columns, values }) => {
    const [time, sensor] = [columns.indexOf('time'), columns.indexOf('sensor')]
    return values.map((row) => ({ ts: Number(row[time]), sensor: String(row[sensor]) }))
  })
}

/** Pages through the points of a span of time. */
export function identities(
  { kind, from, to }: { kind: Kind; from: number; to: number },
  query: (query: InfluxQuery) => Promise<Series[]>,
): AsyncGenerator<{ sensor: string; ts: number }[]> {
  return pagesByTime({ from, pageSize }, async (start, size) => {
    const rows = rowsOf(await query(identitiesQuery(kind, start, to, size)))
    return { rows, full: rows.length >= size }
  })
}
