import type { DuckDBConnection } from '@duckdb/node-api'
import { dayMs } from '#telemetry/durations.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { Span } from '../../roll-up/spans.ts'
import { floorHour } from '../../roll-up/utc-hours.ts'
import { tableOf } from '../schema.ts'
import { type Progress, readProgress } from './progress.ts'

/** What a step of the upkeep does: recompute dirty hours of a span, roll up hours for the first time, or make days that are behind. */
export interface Work extends Span {
  kind: Kind
  of: 'dirty' | 'open' | 'days'
}

/** How much a step may do. */
interface Limits {
  until: number
  maxReadings: number
}

/** What to do next, nothing when all is done. `lastDay`: the end of the last local day that ends no later than a time. */
export async function chooseWork(
  connection: DuckDBConnection,
  zone: string,
  { until, maxReadings }: Limits,
  lastDay: (ts: number) => number,
): Promise<Work | undefined> {
  const progress = await readProgress(connection, zone)
  const dirty = await chooseDirty(connection, progress, maxReadings)
  if (dirty) return dirty
  for (const kind of kinds) {
    const { rolledTo, daysTo = -Infinity } = progress[kind]
    if (rolledTo !== undefined && daysTo < lastDay(rolledTo)) return { kind, of: 'days', from: daysTo, to: rolledTo }
  }
  const last = floorHour(until)
  for (const kind of kinds) {
    const { rolledTo } = progress[kind]
    if (rolledTo !== undefined && rolledTo >= last) continue
    const from = rolledTo ?? Math.min(last, floorHour((await firstIn(connection, kind)) ?? last))
    const to = await endOf(openCounter(connection, kind), { from, to: last }, maxReadings)
    return { kind, of: 'open', from, to }
  }
  return undefined
}

async function firstIn(connection: DuckDBConnection, kind: Kind): Promise<number | undefined> {
  const [row] = (await connection.runAndReadAll(`SELECT min(ts) FROM ${tableOf(kind)}`)).getRows()
  const found = row?.[0]
  return typeof found === 'bigint' ? Number(found) : undefined
}

async function chooseDirty(
  connection: DuckDBConnection,
  progress: Readonly<Record<Kind, Progress>>,
  maxReadings: number,
): Promise<Work | undefined> {
  const oldest = 'SELECT kind, min("from"), max("to") FROM dirty_hours GROUP BY kind ORDER BY min(since)'
  for (const [name, earliest, latest] of (await connection.runAndReadAll(oldest)).getRows()) {
    const kind = kinds.find((known) => known === name)
    const { rolledTo = 0 } = kind === undefined ? {} : progress[kind]
    const [from, to] = [Number(earliest), Math.min(Number(latest), rolledTo)]
    if (kind === undefined || from >= to) continue
    const first = floorHour((await firstIn(connection, kind)) ?? to)
    const begin = Math.min(Math.max(from, first), to)
    // where nothing was measured there is nothing to recompute
    const end = begin === to ? to : await endOf(dirtyCounter(connection, kind), { from: begin, to }, maxReadings)
    return { kind, of: 'dirty', from, to: end }
  }
  return undefined
}

/** Counts readings of a span by the hour, in order. */
type Counter = (span: Span) => Promise<{ hour: number; count: number }[]>

const perHour = 'r.ts - r.ts % 3600000 AS hour, count(*) AS n'

function openCounter(connection: DuckDBConnection, kind: Kind): Counter {
  return async ({ from, to }) =>
    countsOf(
      connection,
      `SELECT ${perHour} FROM ${tableOf(kind)} AS r WHERE r.ts >= ${from} AND r.ts < ${to} GROUP BY hour ORDER BY hour`,
    )
}

function dirtyCounter(connection: DuckDBConnection, kind: Kind): Counter {
  return async ({ from, to }) => {
    const hours = `unnest(range(greatest("from", ${from}), least("to", ${to}), 3600000)) AS hour`
    const marks = `FROM dirty_hours WHERE kind = '${kind}' AND "from" < ${to} AND "to" > ${from} AND sensor`
    return countsOf(
      connection,
      `SELECT hour, count(*) AS n FROM (SELECT sensor, r.ts - r.ts % 3600000 AS hour
          FROM ${tableOf(kind)} AS r WHERE r.ts >= ${from} AND r.ts < ${to})
        WHERE hour IN (SELECT ${hours} ${marks} = '') OR (sensor, hour) IN (SELECT (sensor, ${hours.replace(' AS hour', '')}) ${marks} <> '')
        GROUP BY hour ORDER BY hour`,
    )
  }
}

async function countsOf(connection: DuckDBConnection, sql: string) {
  const rows = (await connection.runAndReadAll(sql)).getRows()
  return rows.map(([hour, count]) => ({ hour: Number(hour), count: Number(count) }))
}

/** Up to where a span has about so many readings: whole hours, one at the least. */
async function endOf(count: Counter, { from, to }: Span, maxReadings: number): Promise<number> {
  let total = 0
  let length = dayMs
  for (let at = from; at < to; length *= 2) {
    const next = Math.min(to, at + length)
    for (const { hour, count: readings } of await count({ from: at, to: next })) {
      if (total > 0 && total + readings > maxReadings) return hour
      total += readings
    }
    at = next
  }
  return to
}
