import type { Kind } from '#telemetry/kinds.ts'
import type { Series } from './answer.ts'
import { type InfluxQuery, identitiesQuery } from './queries.ts'

/** points of one page */
const pageSize = 50_000
/** points of one page when that many sensors measured in one millisecond */
const maxPageSize = 1_600_000

function rowsOf(series: readonly Series[]): { sensor: string; ts: number }[] {
  return series.flatMap(({ columns, values }) => {
    const [time, sensor] = [columns.indexOf('time'), columns.indexOf('sensor')]
    return values.map((row) => ({ ts: Number(row[time]), sensor: String(row[sensor]) }))
  })
}

/** Pages through the points of a span of time. The last millisecond of a full page may go on: it is left to the next page. */
export async function* identities(
  span: { kind: Kind; from: number; to: number },
  query: (query: InfluxQuery) => Promise<Series[]>,
): AsyncGenerator<{ sensor: string; ts: number }[]> {
  let { from } = span
  for (let size = pageSize; ; ) {
    const rows = rowsOf(await query(identitiesQuery(span.kind, from, span.to, size)))
    const last = rows.at(-1)?.ts
    if (last === undefined) return
    if (rows.length < size) {
      yield rows
      return
    }
    if (last > from) {
      yield rows.filter(({ ts }) => ts < last)
      from = last
      size = pageSize
    } else if (size < maxPageSize) size *= 2
    else throw new RangeError(`InfluxDB holds ${size} readings or more of one millisecond: too many to go through`)
  }
}
