import type { Kind } from '#telemetry/kinds.ts'
import type { Series } from './answer.ts'
import { type InfluxQuery, identitiesQuery } from './queries.ts'

/** points of one page; must be more than sensors measure in one millisecond */
const pageSize = 50_000

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
  for (let from = span.from; ; ) {
    const rows = rowsOf(await query(identitiesQuery(span.kind, from, span.to, pageSize)))
    const last = rows.at(-1)?.ts
    if (last === undefined) return
    if (rows.length < pageSize) {
      yield rows
      return
    }
    if (last === from) throw new RangeError(`more than ${pageSize} readings in one millisecond`)
    yield rows.filter(({ ts }) => ts < last)
    from = last
  }
}
