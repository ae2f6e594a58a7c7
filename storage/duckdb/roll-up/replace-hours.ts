import { BIGINT, type DuckDBConnection, VARCHAR } from '@duckdb/node-api'
import { hourMs } from '#telemetry/durations.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { LocalDays } from '../../roll-up/local-days.ts'
import { appendColumns } from '../append-columns.ts'
import type { ComputedHours } from './compute-hours.ts'
import { deleteDaysSql, insertDaysSql } from './days-sql.ts'
import type { Span } from './plan-pieces.ts'
import { hoursOf } from './roll-up-tables.ts'
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
  if (chunks.length === 0) return
  const appender = await connection.createAppender(hoursOf(kind))
  try {
    for (const chunk of chunks) appender.appendDataChunk(chunk)
  } finally {
    appender.closeSync()
  }
}

/** Makes local days that begin in a span from hours, anew where they are there; `ofRecomputed`: of the sensors whose hours were replaced. To be called within a transaction. */
export async function replaceDays(
  connection: DuckDBConnection,
  { kind, from, to, ofRecomputed }: Span & { kind: Kind; ofRecomputed: boolean },
  days: LocalDays,
): Promise<void> {
  if (from >= to) return
  const starts = days.startsOf(from, to).filter((start) => from <= start && start <= to)
  const spans = starts.flatMap((start, index) => {
    const end = starts[index + 1]
    return end === undefined || start % hourMs !== 0 || end % hourMs !== 0 ? [] : [{ start, end }]
  })
  await connection.run(deleteDaysSql(kind, { from, to }, ofRecomputed))
  if (spans.length === 0) return
  await connection.run('CREATE OR REPLACE TEMP TABLE day_spans ("start" BIGINT, "end" BIGINT)')
  await appendColumns(
    connection,
    'day_spans',
    [BIGINT, BIGINT],
    [bigints(spans.map(({ start }) => start)), bigints(spans.map(({ end }) => end))],
  )
  await connection.run(insertDaysSql(kind, { from, to }, ofRecomputed))
}
