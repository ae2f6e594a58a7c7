import { parseStates } from '#telemetry/device-state.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import { mergeReadings } from '../merge-readings.ts'
import type { ReadingsQuery } from '../store.ts'
import type { StoredReadings } from '../stored-readings.ts'
import type { InfluxQuery } from './influxql.ts'
import type { Series } from './query-response.ts'
import { readingsQuery } from './reading-influxql.ts'
import { noSeq, parseSeqField } from './schema.ts'
import { pagesByTime } from './time-pagination.ts'

/** points of one page */
const pageSize = 10_000

/** The points of an answer as readings; what is no reading of ours is left out: others may write to this bucket too. */
export function readingsOf(kind: Kind, series: readonly Series[], stored: StoredReadings): Reading[] {
  return series.flatMap(({ tags, columns, values: rows }) =>
    rows.flatMap((row) => {
      const held = Object.fromEntries(
        columns.map((column, at) => [column, row[at]]).filter(([, value]) => value !== null),
      )
      const { time, seq: field, aheadMs, states: text, sensor, district, ...values } = { ...held, ...tags }
      const states = parseStates(text)
      const { ahead, ...counted } = parseSeqField(Number(field ?? noSeq))
      const clock = ahead ? { aheadMs } : {}
      return (
        stored.readingOf({
          kind,
          district,
          sensor,
          ts: time,
          ...counted,
          ...clock,
          ...(states && { states }),
          values,
        }) ?? []
      )
    }),
  )
}

/** Of each sensor only the newest of each value of each step, steps aligned to the epoch; in order of time as what comes in. */
async function* thinned(pages: AsyncIterable<Reading[]>, step: number): AsyncGenerator<Reading[]> {
  let newest = new Map<string, Reading>()
  let current = 0
  const kept = () => [...newest.values()].sort((a, b) => a.ts - b.ts)
  for await (const page of pages)
    for (const reading of page) {
      const at = Math.floor(reading.ts / step)
      if (at !== current && newest.size > 0) {
        yield kept()
        newest = new Map()
      }
      current = at
      if (reading.aheadMs !== undefined) continue
      const earlier = newest.get(reading.sensor)
      newest.set(reading.sensor, earlier ? mergeReadings(earlier, reading).reading : reading)
    }
  if (newest.size > 0) yield kept()
}

/** Pages of whole readings, at most `limit` in all. InfluxQL takes the last of each field, not of a point, so thinning is done here. */
export async function* readings(
  { kind, sensor, from, to, step, limit }: ReadingsQuery,
  query: (query: InfluxQuery) => Promise<Series[]>,
  stored: StoredReadings,
): AsyncGenerator<Reading[]> {
  const pages = pagesByTime({ from, pageSize }, async (start, size) => {
    const span = { kind, from: start, to, limit: size, ...(sensor === undefined ? {} : { sensor }) }
    const series = await query(readingsQuery(span))
    const points = series.reduce((sum, { values }) => sum + values.length, 0)
    const last = Math.max(...series.map(({ values }) => Number(values.at(-1)?.[0])))
    return { rows: readingsOf(kind, series, stored), full: points >= size, last }
  })
  let left = limit
  for await (const page of step === undefined ? pages : thinned(pages, step)) {
    yield page.slice(0, left)
    left -= page.length
    if (left <= 0) return
  }
}
