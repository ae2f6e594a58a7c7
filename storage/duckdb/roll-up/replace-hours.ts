import { BIGINT, type DuckDBConnection, type DuckDBDataChunk, VARCHAR } from '@duckdb/node-api'
import type { Kind } from '#telemetry/kinds.ts'
import type { LocalDays } from '../../roll-up/local-days.ts'
import type { Span } from '../../roll-up/spans.ts'
import { isWholeHour } from '../../roll-up/utc-hours.ts'
import { appendColumns, quotedColumns } from '../append-columns.ts'
import type { ComputedHours } from './compute-hours.ts'
import { dayRollUpsSql, deleteRecomputedDaysSql } from './days-sql.ts'
import { sortedHoursSql } from './hours-sql.ts'
import { daysOf, hoursOf } from './roll-up-tables.ts'
import type { Work } from './upkeep-work.ts'

const bigints = (values: readonly number[]) => values.map(BigInt)

/** Puts roll-ups of hours into their table, in the place of what was there of dirty ones. To be called within a transaction. */
export async function replaceHours(connection: DuckDBConnection, work: Work, computed: ComputedHours): Promise<void> {
  const { kind, of, from, to } = work
  const { spans, chunks } = computed
  if (of === 'dirty' && spans.length > 0) {
    await connection.run('CREATE OR REPLACE TEMP TABLE recomputed (sensor VARCHAR, "from" BIGINT, "to" BIGINT)')
    await appendColumns(
      connection,
      'recomputed',
      [VARCHAR, BIGINT, BIGINT],
      [
        spans.map(({ sensor }) => sensor),
        ...[bigints(spans.map((span) => span.from)), bigints(spans.map((span) => span.to))],
      ],
    )
    await connection.run(`DELETE FROM ${hoursOf(kind)} AS hour USING recomputed
      WHERE hour."start" >= ${from} AND hour."start" < ${to} AND hour.sensor = recomputed.sensor
        AND hour."start" >= recomputed."from" AND hour."start" < recomputed."to"`)
  }
  await appendChunks(connection, hoursOf(kind), chunks)
}

async function appendChunks(
  connection: DuckDBConnection,
  table: string,
  chunks: readonly DuckDBDataChunk[],
): Promise<void> {
  if (chunks.length === 0) return
  const appender = await connection.createAppender(table)
  try {
    for (const chunk of chunks) appender.appendDataChunk(chunk)
  } finally {
    appender.closeSync()
  }
}

/** Makes the temporary table of the local days that begin in a span and are made of whole hours (UTC); answers how many. */
async function makeDaySpans(connection: DuckDBConnection, { from, to }: Span, days: LocalDays): Promise<number> {
  const starts = days.startsOf(from, to).filter((start) => from <= start && start <= to)
  const spans = starts.flatMap((start, index) => {
    const end = starts[index + 1]
    return end === undefined || !isWholeHour(start) || !isWholeHour(end) ? [] : [{ start, end }]
  })
  await connection.run('CREATE OR REPLACE TEMP TABLE day_spans ("start" BIGINT, "end" BIGINT)')
  await appendColumns(
    connection,
    'day_spans',
    [BIGINT, BIGINT],
    [bigints(spans.map(({ start }) => start)), bigints(spans.map(({ end }) => end))],
  )
  return spans.length
}

/** Makes those local days anew that begin in a span, of the sensors whose hours were replaced. To be called within that transaction. */
export async function replaceDays(
  connection: DuckDBConnection,
  { kind, from, to }: Span & { kind: Kind },
  days: LocalDays,
): Promise<void> {
  if (from >= to) return
  await connection.run(deleteRecomputedDaysSql(kind, { from, to }))
  if ((await makeDaySpans(connection, { from, to }, days)) === 0) return
  await connection.run(`INSERT INTO ${daysOf(kind)} BY NAME ${dayRollUpsSql(kind, { from, to }, true)}`)
}

/** Local days, and the hours that they are made of. */
export interface ComputedDays {
  days: readonly DuckDBDataChunk[]
  /** in the order in which they lie best */
  hours: readonly DuckDBDataChunk[]
}

/** Roll-ups of the local days that begin in a span, as rows of their table. To be called within a snapshot. */
export async function computeDays(
  connection: DuckDBConnection,
  { kind, from, to }: Span & { kind: Kind },
  days: LocalDays,
): Promise<ComputedDays> {
  if (from >= to) return { days: [], hours: [] }
  const columns = await quotedColumns(connection, hoursOf(kind))
  const hours = await connection.run(sortedHoursSql(kind, { from, to }, columns))
  const sorted = await hours.fetchAllChunks()
  if ((await makeDaySpans(connection, { from, to }, days)) === 0) return { days: [], hours: sorted }
  const ofDays = (await quotedColumns(connection, daysOf(kind))).join(', ')
  const result = await connection.run(`SELECT ${ofDays} FROM (${dayRollUpsSql(kind, { from, to }, false)})`)
  return { days: await result.fetchAllChunks(), hours: sorted }
}

/** Appends days that are not there yet, and puts the hours of their span in order. To be called within a transaction. */
export async function appendDays(
  connection: DuckDBConnection,
  { kind, from, to }: Span & { kind: Kind },
  { days, hours }: ComputedDays,
): Promise<void> {
  await appendChunks(connection, daysOf(kind), days)
  await connection.run(`DELETE FROM ${hoursOf(kind)} WHERE "start" >= ${from} AND "start" < ${to}`)
  await appendChunks(connection, hoursOf(kind), hours)
}
