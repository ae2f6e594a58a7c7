import { parseStates, type ValueStates, valueStatesSchema } from '#telemetry/device-state.ts'
import { dayMs } from '#telemetry/durations.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import { mergeStates } from '../merge-readings.ts'
import type { InfluxQuery } from './influxql.ts'
import type { ReadingToWrite } from './line-protocol.ts'
import type { Series } from './query-response.ts'
import { sensorsWithStatesQuery, statesQuery } from './reading-influxql.ts'
import type { RecentReadings } from './recent-readings.ts'
import { pagesByTime } from './time-pagination.ts'

/** points of one page */
const pageSize = 10_000

type Ask = (query: InfluxQuery) => Promise<Series[]>

const keyOf = ({ kind, district, sensor, ts }: Pick<Reading, 'kind' | 'district' | 'sensor' | 'ts'>) =>
  `${kind} ${district} ${sensor} ${ts}`

/**
 * Readings with the states that their points will hold. InfluxDB unites the values of one point field by field, but all states are
 * one field: so those that are there already are read first, where a reading may not be the first of its time and anything in
 * that span has states at all.
 */
export async function withStoredStates(
  ask: Ask,
  recent: RecentReadings,
  readings: readonly Reading[],
): Promise<ReadingToWrite[]> {
  const found = readings.map((reading) => ({ reading, earlier: recent.find(reading) }))
  const doubtful = found.flatMap(({ reading, earlier }) => (earlier === undefined ? [reading] : []))
  const stored = await readStates(ask, doubtful)
  return found.map(({ reading, earlier }) => {
    const before = earlier === 'newer' ? undefined : (earlier?.states ?? stored.get(keyOf(reading)))
    return before === undefined ? { reading, clearsStates: false } : united(reading, before)
  })
}

function united(reading: Reading, before: ValueStates): ReadingToWrite {
  const states = mergeStates({ states: before }, reading)
  if (states) return { reading: { ...reading, states }, clearsStates: false }
  return { reading, clearsStates: true }
}

/** The states that the store holds at the times of some readings. */
async function readStates(ask: Ask, readings: readonly Reading[]): Promise<Map<string, ValueStates>> {
  const found = new Map<string, ValueStates>()
  for (const [kind, own] of groupBy(readings, (reading) => reading.kind)) {
    const sensors = await sensorsWithStates(ask, kind, own)
    const asked = own.filter(({ sensor }) => sensors.has(sensor))
    if (asked.length > 0) await addStates(ask, kind, asked, found)
  }
  return found
}

async function sensorsWithStates(ask: Ask, kind: Kind, readings: readonly Reading[]): Promise<ReadonlySet<string>> {
  const { from, to } = spanOf(readings)
  const series = await ask(sensorsWithStatesQuery(kind, from, to))
  return new Set(series.map(({ tags }) => tags?.sensor ?? ''))
}

/** A day at a time, so that of a batch of few readings over a long time not all between them is read. */
async function addStates(
  ask: Ask,
  kind: Kind,
  readings: readonly Reading[],
  into: Map<string, ValueStates>,
): Promise<void> {
  const wanted = new Set(readings.map(keyOf))
  for (const day of groupBy(readings, ({ ts }) => Math.floor(ts / dayMs)).values()) {
    const { from, to } = spanOf(day)
    const pages = pagesByTime({ from, pageSize }, async (start, size) => {
      const series = await ask(statesQuery(kind, start, to, size))
      const rows = series.flatMap(({ values }) => values)
      return {
        rows: rows.map(([ts, text, sensor, district]) => ({
          ...{ ts: Number(ts), text, kind, sensor: String(sensor), district: String(district) },
        })),
        full: rows.length >= size,
      }
    })
    for await (const page of pages)
      for (const row of page) {
        const key = keyOf(row)
        const { data } = wanted.has(key) ? valueStatesSchema.safeParse(parseStates(row.text)) : {}
        if (data) into.set(key, data)
      }
  }
}

function groupBy<Key>(readings: readonly Reading[], keyOfGroup: (reading: Reading) => Key): Map<Key, Reading[]> {
  const groups = new Map<Key, Reading[]>()
  for (const reading of readings) {
    const key = keyOfGroup(reading)
    const group = groups.get(key)
    if (group) group.push(reading)
    else groups.set(key, [reading])
  }
  return groups
}

function spanOf(readings: readonly Reading[]): { from: number; to: number } {
  let from = Number.POSITIVE_INFINITY
  let to = 0
  for (const { ts } of readings) {
    from = Math.min(from, ts)
    to = Math.max(to, ts + 1)
  }
  return { from, to }
}
