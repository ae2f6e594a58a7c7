import { StatementError } from './errors.ts'
import type { InfluxQuery } from './influxql.ts'
import type { Series } from './query-response.ts'
import { documentTime, probeMeasurement } from './schema.ts'

/** points that probes write in turn, so that two processes seldom write the same one at once */
const places = 1_000
/** times a probe is tried: another process may have written the same place in between */
const tries = 3

/** How a probe writes (time in ms) and asks: as everything else does. */
export interface ProbeWays {
  write(body: string): Promise<void>
  query(query: InfluxQuery): Promise<Series[]>
}

/**
 * Writes a point and reads it back, so that it is known that InfluxDB takes what it is given, and that what is written can be
 * asked for. The points are overwritten, {@link places} of them at the most, and no retention reaches them.
 * @throws StatementError when what was written is not found
 */
export async function probe({ write, query }: ProbeWays): Promise<void> {
  for (let left = tries; left > 0; left--) {
    const mark = Math.floor(Math.random() * 1e9)
    const time = documentTime + Math.floor(Math.random() * places)
    await write(`${probeMeasurement} mark=${mark}i ${time}`)
    const series = await query({
      text: `SELECT "mark" FROM "${probeMeasurement}" WHERE time = $time`,
      params: { time: new Date(time).toISOString() },
    })
    if (series.some(({ values }) => values.some((row) => row[1] === mark))) return
  }
  throw new StatementError('what is written cannot be read back')
}
