/** points of one page when that many sensors measured in one millisecond */
const maxPageSize = 1_600_000

/** One page as it came. */
interface Page<Row> {
  rows: Row[]
  /** as many points as were asked for: there may be more */
  full: boolean
  /** the time of the last point, when that may be none of the rows, epoch ms */
  last?: number
}

/** Pages through points in order of time from `from` (epoch ms) on. The last millisecond of a full page may go on: it is left to the next page. */
export async function* pagesByTime<Row extends { ts: number }>(
  { from, pageSize }: { from: number; pageSize: number },
  fetch: (from: number, size: number) => Promise<Page<Row>>,
): AsyncGenerator<Row[]> {
  let start = from
  for (let size = pageSize; ; ) {
    const { rows, full, last = rows.at(-1)?.ts ?? start } = await fetch(start, size)
    if (!full) {
      if (rows.length > 0) yield rows
      return
    }
    if (last > start) {
      yield rows.filter(({ ts }) => ts < last)
      start = last
      size = pageSize
    } else if (size < maxPageSize) size *= 2
    else throw new RangeError(`InfluxDB holds ${size} readings or more of one millisecond: too many to go through`)
  }
}
